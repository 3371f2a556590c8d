import { ERASED } from "@daybook/domain";
import { describe, test } from "vitest";
import { given } from "../kernel/spec.ts";
import { mails } from "./mails.ts";

const of = (type: string, data: Record<string, unknown> = {}) => ({
  ...{ type, stream: "mail-event-7.welcome", data, meta: { subject: "grace" } },
});

const later = "2026-01-01T12:01:00.000Z";
const requested = of("MailRequested", {
  ...{ template: "account-created", to: "grace@navy.example" },
  properties: { name: "Grace", username: "grace", email: "grace@navy.example" },
});
const attempted = of("MailAttempted", { attempt: 1, leaseUntil: later });
const retried = of("MailFailed", { attempt: 1, error: "away", retryAt: later });
const failed = of("MailFailed", { attempt: 1, error: "no such person" });
const sent = of("MailSent", { attempt: 2 });

describe("mails", () => {
  test("wait from the start, and are due at once", () =>
    given(mails)(requested).then({
      ...{ id: "event-7.welcome", organization: "acme", template: "account-created" },
      ...{
        to: "grace@navy.example",
        subject: "grace",
        status: "waiting",
        attempts: 0,
        position: 0,
      },
      ...{ requestedAt: "2026-01-01T12:00:00.000Z", nextAt: "2026-01-01T12:00:00.000Z" },
      ...{ sentAt: undefined, error: undefined },
    }));

  // A sender may die in the middle: once its lease is over the mail is due again.
  test("under way are due again when the lease is over", () =>
    given(mails)(requested, attempted).then({ status: "sending", attempts: 1, nextAt: later }));

  test("that failed for now wait for the next attempt", () =>
    given(mails)(requested, attempted, retried).then({
      ...{ status: "waiting", attempts: 1, nextAt: later, error: "away" },
    }));

  test("that failed for good are never due again", () =>
    given(mails)(requested, attempted, failed).then({
      ...{ status: "failed", nextAt: "", error: "no such person", sentAt: undefined },
    }));

  test("that were sent are never due again, and forget the failures before", () =>
    given(mails)(requested, attempted, retried, attempted, sent).then({
      ...{ status: "sent", nextAt: "", error: undefined, sentAt: "2026-01-01T12:00:04.000Z" },
    }));

  test("that expired before any attempt failed", () =>
    given(mails)(requested, of("MailFailed", { attempt: 0, error: "expired" })).then({
      ...{ status: "failed", attempts: 0, nextAt: "", error: "expired" },
    }));

  test("keep erased fields as erased", () =>
    given(mails)(
      of("MailRequested", { ...requested.data, to: ERASED, properties: ERASED }),
      of("MailFailed", { attempt: 1, error: ERASED }),
    ).then({ to: ERASED, error: ERASED, status: "failed", template: "account-created" }));
});
