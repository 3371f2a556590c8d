import { type Erased, type MailTemplate, mailEvents } from "@daybook/domain";
import { defineProjection, type Row, searchable } from "../kernel/index.ts";

/** An attempt to send a mail, and what is known of it. */
export type MailTry = {
  attempt: number;
  /** When it began. */
  at: string;
  /** Unknown while it is under way, and for ever where its sender died. */
  outcome: "sent" | "failed" | "unknown";
  /** Why it failed. */
  error?: string | Erased | undefined;
  /** Of an unknown outcome: from then on nobody is at work on it. */
  until?: string | undefined;
};

/** A mail and what became of it. */
export type MailRow = Row & {
  template: MailTemplate;
  to: string | Erased;
  /** What the list is searched by: the address in lower case. */
  searchTo: string;
  subject?: string | undefined;
  status: "waiting" | "sending" | "sent" | "failed";
  attempts: number;
  requestedAt: string;
  position: number;
  /** When the next attempt is due; empty when there will be none. */
  nextAt: string;
  /** When it was last accepted. */
  sentAt?: string | undefined;
  error?: string | Erased | undefined;
  /** The last ones, oldest first. */
  tries: MailTry[];
  /** How often it was sent again on purpose. */
  repeats: number;
  /** The id of the event that it is about, where it is about one. */
  causedBy?: string | undefined;
  /** After this its content is of no use, and it is not sent any more. */
  expiresAt?: string | undefined;
};

const TRIES_MAX = 20;

type Outcome = Pick<MailTry, "outcome" | "error">;

/** With the outcome of an attempt; that of one which is not kept any more is passed over. */
const concluded = ({ tries }: MailRow, number: number, outcome: Outcome): MailTry[] =>
  tries.map(({ attempt, at, ...rest }) =>
    attempt === number ? { attempt, at, ...outcome } : { attempt, at, ...rest },
  );

/**
 * Whether a failure is that of an attempt. A mail is also given up because its content expired,
 * which tells nothing about the last attempt: it was over, or cut off long ago.
 */
const isOfAttempt = ({ tries }: MailRow, at: string, retried: boolean): boolean => {
  const last = tries.at(-1);
  return last?.outcome === "unknown" && (retried || at < String(last.until));
};

export const mails = defineProjection<MailRow>()({
  name: "mails",
  version: 2,
  events: mailEvents,
  // A list that leaves the status open is merged from those of its few values. Of templates there
  // are ever more: for a list that leaves those open there is an index without them.
  indexes: [
    ["status", "position"],
    ["status", "template", "position"],
    ["status", "searchTo"],
    ["status", "template", "searchTo"],
  ],
  indexesAcross: [["status", "nextAt"]],
  start: {
    MailRequested: (
      { template, to, expiresAt },
      { id, organization, at, subject, position, causationId },
    ) => ({
      id,
      organization,
      template,
      to,
      searchTo: searchable(to),
      subject,
      status: "waiting",
      attempts: 0,
      requestedAt: at,
      position,
      nextAt: at,
      sentAt: undefined,
      error: undefined,
      tries: [],
      repeats: 0,
      causedBy: causationId,
      expiresAt,
    }),
  },
  on: {
    MailAttempted: (row, { attempt, leaseUntil }, { at }) => ({
      ...row,
      status: "sending",
      attempts: attempt,
      nextAt: leaseUntil,
      tries: [...row.tries, { attempt, at, outcome: "unknown" as const, until: leaseUntil }].slice(
        -TRIES_MAX,
      ),
    }),
    MailSent: (row, { attempt }, { at }) => ({
      ...row,
      status: "sent",
      nextAt: "",
      sentAt: at,
      error: undefined,
      tries: concluded(row, attempt, { outcome: "sent" }),
    }),
    MailFailed: (row, { attempt, error, retryAt }, { at }) => ({
      ...row,
      status: retryAt ? "waiting" : "failed",
      nextAt: retryAt ?? "",
      error,
      tries: isOfAttempt(row, at, retryAt !== undefined)
        ? concluded(row, attempt, { outcome: "failed", error })
        : row.tries,
    }),
    MailRepeated: (row, _, { at }) => ({
      ...row,
      status: "waiting",
      nextAt: at,
      error: undefined,
      repeats: row.repeats + 1,
    }),
  },
});
