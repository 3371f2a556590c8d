import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { listSearch } from "../ui/list-search.ts";

export const mailRoutes = <P extends AnyRoute>(parent: P) => [
  createRoute({
    getParentRoute: () => parent,
    path: "/mail",
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import("./MailPage.tsx"), "MailPage"),
  }),
];
