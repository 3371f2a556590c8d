import {
  type Actor,
  type Erased,
  isErased,
  membershipEvents,
  signInEvents,
  userEvents,
} from "@daybook/domain";
import { defineProjection, type FoldMeta, type Row } from "../kernel/index.ts";

/** A field's value as a timeline shows it. */
export type Shown = string | boolean | Erased;

/** One thing that happened to a person: who did what, from where, when and why. */
export type HistoryRow = Row & {
  subject: string;
  type: string;
  at: string;
  position: number;
  actor: Actor;
  ip?: string | Erased | undefined;
  userAgent?: string | Erased | undefined;
  reason?: string | undefined;
  /** The fields that the event set. What they were before stands in an older entry. */
  set: Readonly<Record<string, Shown>>;
  changes: boolean;
};

/** What a timeline shows of the data: values people entered, not hashes, claims or ids. */
const shownFields = [
  "username",
  "email",
  "firstName",
  "lastName",
  "phone",
  "role",
  "status",
  "temporary",
] as const;

const impliedFields: Readonly<Record<string, Readonly<Record<string, Shown>>>> = {
  MemberAdded: { status: "active" },
  MemberDeactivated: { status: "inactive" },
  MemberReactivated: { status: "active" },
};

function entry(data: Record<string, unknown>, meta: FoldMeta): HistoryRow {
  const shown = shownFields.filter((field) => data[field] !== undefined);
  const set = {
    ...Object.fromEntries(shown.map((field) => [field, data[field] as Shown])),
    ...impliedFields[meta.type],
  };
  return {
    id: meta.eventId,
    organization: meta.organization,
    subject: meta.subject ?? "",
    type: meta.type,
    at: meta.at,
    position: meta.position,
    actor: meta.actor,
    ip: meta.ip,
    userAgent: meta.userAgent,
    reason: meta.reason,
    set,
    changes: Object.keys(set).length > 0,
  };
}

// What became of an attempt follows at once, and says more than the attempt.
const { SignInAttempted: _, ...signInOutcomes } = signInEvents;
const events = { ...userEvents, ...membershipEvents, ...signInOutcomes };

export const history = defineProjection<HistoryRow>()({
  name: "history",
  version: 1,
  events,
  origin: true,
  key: ({ meta }) => (meta.subject ? meta.eventId : undefined),
  indexes: [
    ["subject", "position"],
    ["subject", "changes", "position"],
  ],
  start: Object.fromEntries(Object.keys(events).map((type) => [type, entry])),
});

/** One field before and after; `from` is left out where the event set it for the first time. */
export type Change = { field: string; from?: Shown; to: Shown };
export type TimelineEntry = Omit<HistoryRow, "set" | "changes"> & { changes: Change[] };

/** What each entry changed, field by field, given newest first the entries of one person. */
export function withChanges(
  entries: readonly HistoryRow[],
  older: readonly HistoryRow[],
): TimelineEntry[] {
  const all = [...entries, ...older];
  return entries.map(({ set, changes: _, ...entry }, at) => ({
    ...entry,
    changes: Object.entries(set).flatMap(([field, to]) => {
      const from = all.slice(at + 1).find((before) => field in before.set)?.set[field];
      // An event may set several fields together and change only one of them. What was erased on
      // both sides is not said to have changed.
      if (from === to || (isErased(from) && isErased(to))) return [];
      return [from === undefined ? { field, to } : { field, from, to }];
    }),
  }));
}
