import { mailEvents } from "@daybook/domain";
import { defineProjection, type Row } from "../kernel/index.ts";

type Counts = { pending: number; sent: number; failed: number };

/** How much mail of an organization waits or is under way, and what became of the rest. */
export type MailCountRow = Row & Counts;

const moved = (row: MailCountRow, from: keyof Counts, to: keyof Counts): MailCountRow => ({
  ...row,
  [from]: row[from] - 1,
  [to]: row[to] + 1,
});

export const mailCounts = defineProjection<MailCountRow>()({
  name: "mail-counts",
  version: 1,
  events: mailEvents,
  key: ({ meta }) => meta.organization,
  start: {
    MailRequested: (_, { organization }) => ({
      id: organization,
      organization,
      pending: 1,
      sent: 0,
      failed: 0,
    }),
  },
  on: {
    MailRequested: (row) => ({ ...row, pending: row.pending + 1 }),
    MailSent: (row) => moved(row, "pending", "sent"),
    // With another attempt to come it still waits.
    MailFailed: (row, { retryAt }) => (retryAt ? row : moved(row, "pending", "failed")),
    MailRepeated: (row, { from }) => moved(row, from, "pending"),
  },
});
