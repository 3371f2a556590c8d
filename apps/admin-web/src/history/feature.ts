import { IconHistory } from "@tabler/icons-react";
import { lazyRouteComponent } from "@tanstack/react-router";
import { type Feature, page } from "../app/feature.ts";
import { t } from "../texts/index.ts";

export const history: Feature = {
  section: {
    label: t.history.title,
    icon: IconHistory,
    link: { to: "/history" },
    permission: "history:read",
    keys: "g y",
  },
  routes: (parent) => [
    page(parent, {
      path: "/history",
      permission: "history:read",
      component: lazyRouteComponent(() => import("./HistoryPage.tsx"), "HistoryPage"),
    }),
    page(parent, {
      path: "/history/$id",
      permission: "history:read",
      component: lazyRouteComponent(() => import("./EntryPage.tsx"), "EntryPage"),
    }),
  ],
};
