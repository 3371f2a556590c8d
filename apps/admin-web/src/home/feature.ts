import { IconHome } from "@tabler/icons-react";
import { lazyRouteComponent } from "@tanstack/react-router";
import { type Feature, page } from "../app/feature.ts";
import { t } from "../texts/index.ts";

export const home: Feature = {
  section: { label: t.home.title, icon: IconHome, link: { to: "/" }, keys: "g h" },
  routes: (parent) => [
    page(parent, {
      path: "/",
      component: lazyRouteComponent(() => import("./HomePage.tsx"), "HomePage"),
    }),
  ],
};
