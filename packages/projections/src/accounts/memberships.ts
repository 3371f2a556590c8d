import { membershipEvents, type Role } from "@daybook/domain";
import { defineProjection, type Row } from "../kernel/index.ts";

/** A person's place in an organization: what authorization reads. */
export type MembershipRow = Row & {
  user: string;
  role: Role;
  status: "active" | "inactive";
  /** Sessions that were opened before this have ended. */
  since: string;
};

export const memberships = defineProjection<MembershipRow>()({
  name: "memberships",
  version: 1,
  inline: true,
  events: membershipEvents,
  start: {
    MemberAdded: ({ user, role }, { id, organization, at }) => ({
      id,
      organization,
      user,
      role,
      status: "active",
      since: at,
    }),
  },
  on: {
    MemberRoleChanged: (row, { role }) => ({ ...row, role }),
    MemberDeactivated: (row) => ({ ...row, status: "inactive" }),
    MemberReactivated: (row, _, { at }) => ({ ...row, status: "active", since: at }),
  },
});
