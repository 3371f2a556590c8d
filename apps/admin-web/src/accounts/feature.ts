import { IconUser, IconUserPlus, IconUsers } from "@tabler/icons-react";
import { type AnyRoute, lazyRouteComponent } from "@tanstack/react-router";
import { client, queryClient, trpc } from "../api/client.ts";
import { linkTo } from "../app/address.ts";
import { type Feature, page } from "../app/feature.ts";
import { t } from "../texts/index.ts";
import { shown } from "../ui/Value.tsx";

/** Enough to choose from without reading a list. */
const FOUND = 6;

export const accounts: Feature = {
  section: {
    label: t.people.title,
    icon: IconUsers,
    link: { to: "/people" },
    permission: "people:read",
    keys: "g p",
  },
  actions: [
    {
      label: t.people.add.title,
      icon: IconUserPlus,
      link: linkTo("/people", { panel: "add" }),
      permission: "people:write",
      keys: "n p",
    },
  ],
  find: {
    label: t.people.title,
    permission: "people:read",
    search: async (search, signal) => {
      const { rows } = await client.people.list.query({ search, limit: FOUND }, { signal });
      return rows.map(({ id, firstName, lastName, email }) => ({
        id,
        label: `${shown(firstName)} ${shown(lastName)}`,
        description: shown(email),
        link: { to: "/people/$id", params: { id } },
      }));
    },
  },
  routes: (parent) => [
    page(parent, {
      path: "/people",
      permission: "people:read",
      component: lazyRouteComponent(() => import("./PeoplePage.tsx"), "PeoplePage"),
      list: async () => (await import("./people-list.tsx")).peopleList,
    }),
    page(parent, {
      path: "/people/$id",
      permission: "people:read",
      component: lazyRouteComponent(() => import("./PersonPage.tsx"), "PersonPage"),
      load: ({ id = "" }) => queryClient.prefetchQuery(trpc.people.get.queryOptions({ id })),
    }),
  ],
};

export const myAccount: Feature = {
  section: { label: t.account.title, icon: IconUser, link: { to: "/account" }, keys: "g a" },
  routes: (parent) => [
    page(parent, {
      path: "/account",
      component: lazyRouteComponent(() => import("./AccountPage.tsx"), "AccountPage"),
    }),
  ],
};

/** Pages for people who are not signed in. */
export const publicRoutes = (parent: AnyRoute) => [
  page(parent, {
    path: "/forgot-password",
    component: lazyRouteComponent(() => import("./ForgotPasswordPage.tsx"), "ForgotPasswordPage"),
  }),
  page(parent, {
    path: "/reset-password",
    component: lazyRouteComponent(() => import("./ResetPasswordPage.tsx"), "ResetPasswordPage"),
  }),
];
