import { peopleRouter } from "./accounts/people-router.ts";
import { sessionRouter } from "./accounts/session-router.ts";
import { historyRouter } from "./history/history-router.ts";
import { homeRouter } from "./home/home-router.ts";
import { mailRouter } from "./mail/mail-router.ts";
import { router } from "./trpc.ts";

export const appRouter = router({
  session: sessionRouter,
  home: homeRouter,
  people: peopleRouter,
  history: historyRouter,
  mail: mailRouter,
});

export type AppRouter = typeof appRouter;
