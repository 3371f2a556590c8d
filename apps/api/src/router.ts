import { peopleRouter } from "./accounts/people-router.ts";
import { sessionRouter } from "./accounts/session-router.ts";
import { mailRouter } from "./mail/mail-router.ts";
import { router } from "./trpc.ts";

export const appRouter = router({
  session: sessionRouter,
  people: peopleRouter,
  mail: mailRouter,
});

export type AppRouter = typeof appRouter;
