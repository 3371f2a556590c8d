import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { listSearch } from "../ui/list-search.ts";

export const accountRoutes = <P extends AnyRoute>(parent: P) => [
  createRoute({
    getParentRoute: () => parent,
    path: "/people",
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import("./PeoplePage.tsx"), "PeoplePage"),
  }),
  createRoute({
    getParentRoute: () => parent,
    path: "/people/$id",
    component: lazyRouteComponent(() => import("./PersonPage.tsx"), "PersonPage"),
  }),
  createRoute({
    getParentRoute: () => parent,
    path: "/account",
    component: lazyRouteComponent(() => import("./AccountPage.tsx"), "AccountPage"),
  }),
];

export const publicAccountRoutes = <P extends AnyRoute>(parent: P) => [
  createRoute({
    getParentRoute: () => parent,
    path: "/forgot-password",
    component: lazyRouteComponent(() => import("./ForgotPasswordPage.tsx"), "ForgotPasswordPage"),
  }),
  createRoute({
    getParentRoute: () => parent,
    path: "/reset-password",
    component: lazyRouteComponent(() => import("./ResetPasswordPage.tsx"), "ResetPasswordPage"),
  }),
];
