import { organizationEvents } from "@daybook/domain";
import { defineProjection, type Row } from "../kernel/index.ts";

export type OrganizationRow = Row & { code: string; name: string };

export const organizations = defineProjection<OrganizationRow>()({
  name: "organizations",
  version: 1,
  inline: true,
  events: organizationEvents,
  start: {
    OrganizationCreated: ({ code, name }, { id, organization }) => ({
      id,
      organization,
      code,
      name,
    }),
  },
});
