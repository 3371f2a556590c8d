import { membershipEvents } from "@daybook/domain";
import { defineProjection, type Row } from "../kernel/index.ts";

/** How many people an organization has: counted as they come, so that nobody has to go through them. */
export type HeadcountRow = Row & { active: number; inactive: number };

const moved = (row: HeadcountRow, active: number, inactive: number): HeadcountRow => ({
  ...row,
  active: row.active + active,
  inactive: row.inactive + inactive,
});

export const headcounts = defineProjection<HeadcountRow>()({
  name: "headcounts",
  version: 1,
  events: membershipEvents,
  key: ({ meta }) => meta.organization,
  start: {
    MemberAdded: (_, { organization }) => ({
      id: organization,
      organization,
      active: 1,
      inactive: 0,
    }),
  },
  on: {
    MemberAdded: (row) => moved(row, 1, 0),
    MemberDeactivated: (row) => moved(row, -1, 1),
    MemberReactivated: (row) => moved(row, 1, -1),
  },
});
