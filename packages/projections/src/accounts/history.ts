import {
  type Actor,
  type Erased,
  isErased,
  mailEvents,
  membershipEvents,
  signInEvents,
  type Table,
  userEvents,
} from "@daybook/domain";
import { defineProjection, type FoldMeta, type Row } from "../kernel/index.ts";

/** What an entry is about. */
export const historyKinds = ["account", "password", "access", "sign-in", "mail"] as const;
export type HistoryKind = (typeof historyKinds)[number];

/** A field's value as a timeline shows it. */
export type Shown = string | boolean | Erased;

/** One thing that happened to a person: who did what, from where, when and why. */
export type HistoryRow = Row & {
  kind: HistoryKind;
  subject: string;
  type: string;
  /** Where it was recorded: the person, their place in the organization, or the mail. */
  stream: string;
  at: string;
  position: number;
  actor: Actor;
  ip?: string | Erased | undefined;
  userAgent?: string | Erased | undefined;
  reason?: string | undefined;
  /** The event that it followed from, which is an entry too. */
  causedBy?: string | undefined;
  /** The fields that the event set. What they were before stands in an older entry. */
  set: Readonly<Record<string, Shown>>;
  /** Whether the person is another than before: a mail to them changes nothing. */
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
  "template",
  "to",
  "error",
] as const;

const impliedFields: Readonly<Record<string, Readonly<Record<string, Shown>>>> = {
  MemberAdded: { status: "active" },
  MemberDeactivated: { status: "inactive" },
  MemberReactivated: { status: "active" },
};

/**
 * The event that this one followed from. A further step of a request names the request's command
 * as its cause, which it is correlated with too: that is no event.
 */
const causeOf = ({ causationId, correlationId }: FoldMeta): string | undefined =>
  causationId === correlationId ? undefined : causationId;

const entryOf =
  (kind: HistoryKind) =>
  (data: Record<string, unknown>, meta: FoldMeta): HistoryRow => {
    const shown = shownFields.filter((field) => data[field] !== undefined);
    const set = {
      ...Object.fromEntries(shown.map((field) => [field, data[field] as Shown])),
      ...impliedFields[meta.type],
    };
    return {
      id: meta.eventId,
      organization: meta.organization,
      kind,
      subject: meta.subject ?? "",
      type: meta.type,
      stream: meta.stream,
      at: meta.at,
      position: meta.position,
      actor: meta.actor,
      ip: meta.ip,
      userAgent: meta.userAgent,
      reason: meta.reason,
      causedBy: causeOf(meta),
      set,
      changes: kind !== "mail" && Object.keys(set).length > 0,
    };
  };

const {
  PasswordAssigned,
  PasswordReset,
  PasswordChanged,
  PasswordResetRequested,
  PasswordRecovered,
  ...accountEvents
} = userEvents;
const passwordEvents = {
  ...{ PasswordAssigned, PasswordReset, PasswordChanged },
  ...{ PasswordResetRequested, PasswordRecovered },
};
// What became of an attempt follows at once, and says more than the attempt.
const { SignInAttempted: _, ...signInOutcomes } = signInEvents;
const { MailAttempted: __, ...mailOutcomes } = mailEvents;

const eventsOf: Readonly<Record<HistoryKind, Table>> = {
  account: accountEvents,
  password: passwordEvents,
  access: membershipEvents,
  "sign-in": signInOutcomes,
  mail: mailOutcomes,
};

export const history = defineProjection<HistoryRow>()({
  name: "history",
  version: 2,
  events: Object.assign({}, ...Object.values(eventsOf)) as Table,
  origin: true,
  key: ({ meta }) => (meta.subject ? meta.eventId : undefined),
  // A timeline of all kinds is merged from those of each: one index serves every choice of them.
  indexes: [
    ["subject", "kind", "position"],
    ["kind", "position"],
    ["subject", "changes", "position"],
    ["causedBy", "position"],
  ],
  start: Object.fromEntries(
    historyKinds.flatMap((kind) =>
      Object.keys(eventsOf[kind]).map((type) => [type, entryOf(kind)] as const),
    ),
  ),
  forget: (row, before) => (row.kind === "sign-in" && row.at < before ? null : row),
});

/** One field before and after; `from` is left out where the event set it for the first time. */
export type Change = { field: string; from?: Shown; to: Shown };
export type TimelineEntry = Omit<HistoryRow, "set" | "changes"> & { changes: Change[] };

/**
 * What each entry changed, field by field, given newest first. What was before stands in an entry
 * of the same person, among these or the `older` ones: of each person newest first, too.
 */
export function withChanges(
  entries: readonly HistoryRow[],
  older: readonly HistoryRow[],
): TimelineEntry[] {
  const changing = [...entries, ...older].filter(({ changes }) => changes);
  const bySubject = Map.groupBy(changing, ({ subject }) => subject);
  const before = ({ subject, position, changes }: HistoryRow, field: string) =>
    changes
      ? bySubject.get(subject)?.find((one) => one.position < position && field in one.set)?.set[
          field
        ]
      : undefined;
  return entries.map((row) => {
    const { set, changes: _, ...entry } = row;
    const changes = Object.entries(set).flatMap(([field, to]) => {
      const from = before(row, field);
      // An event may set several fields together and change only one of them. What was erased on
      // both sides is not said to have changed.
      if (from === to || (isErased(from) && isErased(to))) return [];
      return [from === undefined ? { field, to } : { field, from, to }];
    });
    return { ...entry, changes };
  });
}
