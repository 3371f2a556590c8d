import { membershipEvents, type Role } from "@daybook/domain";
import { defineProjection, type Row } from "../kernel/index.ts";

/** A person's place in an organization: what authorization reads. */
export type MembershipRow = Row & { user: string; role: Role; status: "active" | "inactive" };

export const memberships = defineProjection<MembershipRow>()({
  name: "memberships",
  version: 1,
  inline: true,
  events: membershipEvents,
  start: {
    MemberAdded: ({ user, role }, { id, organization }) => ({
      id,
      organization,
      user,
      role,
      status: "active",
    }),
  },
  on: {
    MemberRoleChanged: (row, { role }) => ({ ...row, role }),
    MemberDeactivated: (row) => ({ ...row, status: "inactive" }),
    MemberReactivated: (row) => ({ ...row, status: "active" }),
  },
});
