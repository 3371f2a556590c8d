import { createRootRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";
import { accountRoutes, publicAccountRoutes } from "../accounts/routes.tsx";
import { queryClient, trpc } from "../api/client.ts";
import { mailRoutes } from "../mail/routes.tsx";
import { EmptyState, ErrorState } from "../ui/States.tsx";
import { Gate, Public } from "./Gate.tsx";

const root = createRootRoute({
  notFoundComponent: () => <EmptyState title="There is no such page." />,
  errorComponent: ({ error, reset }) => <ErrorState error={error} retry={reset} />,
});

const signedIn = createRoute({ getParentRoute: () => root, id: "signed-in", component: Gate });
const publicPages = createRoute({ getParentRoute: () => root, id: "public", component: Public });

/** The first page of those one may see. */
const home = createRoute({
  getParentRoute: () => signedIn,
  path: "/",
  beforeLoad: async () => {
    const me = await queryClient.ensureQueryData(trpc.session.me.queryOptions());
    if (!me || me.mustChangePassword) return;
    throw redirect({ to: me.permissions.includes("people:read") ? "/people" : "/account" });
  },
});

export const router = createRouter({
  routeTree: root.addChildren([
    signedIn.addChildren([home, ...accountRoutes(signedIn), ...mailRoutes(signedIn)]),
    publicPages.addChildren(publicAccountRoutes(publicPages)),
  ]),
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
