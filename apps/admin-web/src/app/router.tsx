import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { publicRoutes } from "../accounts/feature.ts";
import { address } from "./address.ts";
import { features } from "./features.ts";
import { Gate, Public } from "./Gate.tsx";
import { Broken, NotFound } from "./Outside.tsx";

const root = createRootRoute({ errorComponent: Broken, notFoundComponent: NotFound });

/** The address of a page holds what it shows: searches, filters, sorts and what is open. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  component: Gate,
  validateSearch: address,
  notFoundComponent: NotFound,
});
const publicPages = createRoute({ getParentRoute: () => root, id: "public", component: Public });

export const router = createRouter({
  routeTree: root.addChildren([
    signedIn.addChildren(features.flatMap(({ routes }) => routes(signedIn))),
    publicPages.addChildren(publicRoutes(publicPages)),
  ]),
  defaultPreload: "intent",
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
