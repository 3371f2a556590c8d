import { type Erased, type MailTemplate, mailEvents } from "@daybook/domain";
import { defineProjection, type Row } from "../kernel/index.ts";

/** A mail and what became of it. */
export type MailRow = Row & {
  template: MailTemplate;
  to: string | Erased;
  subject?: string | undefined;
  status: "waiting" | "sending" | "sent" | "failed";
  attempts: number;
  requestedAt: string;
  position: number;
  /** When the next attempt is due; empty when there will be none. */
  nextAt: string;
  sentAt?: string | undefined;
  error?: string | Erased | undefined;
};

export const mails = defineProjection<MailRow>()({
  name: "mails",
  version: 1,
  events: mailEvents,
  indexes: [["position"], ["status", "position"]],
  indexesAcross: [["status", "nextAt"]],
  start: {
    MailRequested: ({ template, to }, { id, organization, at, subject, position }) => ({
      id,
      organization,
      template,
      to,
      subject,
      status: "waiting",
      attempts: 0,
      requestedAt: at,
      position,
      nextAt: at,
      sentAt: undefined,
      error: undefined,
    }),
  },
  on: {
    MailAttempted: (row, { attempt, leaseUntil }) => ({
      ...row,
      status: "sending",
      attempts: attempt,
      nextAt: leaseUntil,
    }),
    MailSent: (row, _, { at }) => ({
      ...row,
      status: "sent",
      nextAt: "",
      sentAt: at,
      error: undefined,
    }),
    MailFailed: (row, { error, retryAt }) => ({
      ...row,
      status: retryAt ? "waiting" : "failed",
      nextAt: retryAt ?? "",
      error,
    }),
  },
});
