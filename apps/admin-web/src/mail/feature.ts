import { IconMail, IconTemplate } from "@tabler/icons-react";
import { lazyRouteComponent } from "@tanstack/react-router";
import { type Feature, page } from "../app/feature.ts";
import { t } from "../texts/index.ts";

export const mail: Feature = {
  section: {
    label: t.mail.title,
    icon: IconMail,
    link: { to: "/mail" },
    permission: "mail:read",
    keys: "g m",
  },
  actions: [
    {
      label: t.mail.previews.title,
      icon: IconTemplate,
      link: { to: "/mail/templates" },
      permission: "mail:read",
    },
  ],
  routes: (parent) => [
    page(parent, {
      path: "/mail",
      permission: "mail:read",
      component: lazyRouteComponent(() => import("./MailPage.tsx"), "MailPage"),
      list: async () => (await import("./mail-list.tsx")).mailList,
    }),
    page(parent, {
      path: "/mail/templates",
      permission: "mail:read",
      component: lazyRouteComponent(() => import("./TemplatesPage.tsx"), "TemplatesPage"),
    }),
  ],
};
