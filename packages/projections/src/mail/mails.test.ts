import { ERASED } from "@daybook/domain";
import { describe, test } from "vitest";
import { given } from "../kernel/spec.ts";
import { mails } from "./mails.ts";

const of = (type: string, data: Record<string, unknown> = {}, at?: string) => ({
  ...{ type, stream: "mail-event-7.welcome", data },
  meta: { subject: "grace", causationId: "event-7", ...(at && { at }) },
});

const later = "2026-01-01T12:01:00.000Z";
const second = (n: number) => `2026-01-01T12:00:0${n}.000Z`;
const requested = of("MailRequested", {
  ...{ template: "account-created", to: "Grace@Navy.example", expiresAt: later },
  properties: { name: "Grace", username: "grace", email: "grace@navy.example" },
});
const attempted = of("MailAttempted", { attempt: 1, leaseUntil: later });
const attemptedAgain = of("MailAttempted", { attempt: 2, leaseUntil: later });
const retried = of("MailFailed", { attempt: 1, error: "away", retryAt: later });
const failed = of("MailFailed", { attempt: 1, error: "no such person" });
const sent = of("MailSent", { attempt: 2 });
const repeated = of("MailRepeated", { from: "sent" });

describe("mails", () => {
  test("wait from the start, and are due at once", () =>
    given(mails)(requested).then({
      ...{ id: "event-7.welcome", organization: "acme", template: "account-created" },
      ...{
        to: "Grace@Navy.example",
        searchTo: "grace@navy.example",
        subject: "grace",
        status: "waiting",
        attempts: 0,
        position: 0,
      },
      ...{ requestedAt: "2026-01-01T12:00:00.000Z", nextAt: "2026-01-01T12:00:00.000Z" },
      ...{ sentAt: undefined, error: undefined, expiresAt: later },
      ...{ tries: [], repeats: 0, causedBy: "event-7" },
    }));

  // A sender may die in the middle: once its lease is over the mail is due again.
  test("under way are due again when the lease is over", () =>
    given(mails)(requested, attempted).then({
      ...{ status: "sending", attempts: 1, nextAt: later },
      tries: [{ attempt: 1, at: second(1), outcome: "unknown", until: later }],
    }));

  test("that failed for now wait for the next attempt", () =>
    given(mails)(requested, attempted, retried).then({
      ...{ status: "waiting", attempts: 1, nextAt: later, error: "away" },
      tries: [{ attempt: 1, at: second(1), outcome: "failed", error: "away" }],
    }));

  test("that failed for good are never due again", () =>
    given(mails)(requested, attempted, failed).then({
      ...{ status: "failed", nextAt: "", error: "no such person", sentAt: undefined },
      tries: [{ attempt: 1, at: second(1), outcome: "failed", error: "no such person" }],
    }));

  test("that were sent are never due again, and forget the failures before", () =>
    given(mails)(requested, attempted, retried, attemptedAgain, sent).then({
      ...{ status: "sent", nextAt: "", error: undefined, sentAt: second(4) },
      tries: [
        { attempt: 1, at: second(1), outcome: "failed", error: "away" },
        { attempt: 2, at: second(3), outcome: "sent" },
      ],
    }));

  // Nobody knows whether the mail server took it: that is what the row must go on saying.
  test("keep an attempt whose sender died as unknown", () =>
    given(mails)(requested, attempted, attemptedAgain, sent).then({
      tries: [
        { attempt: 1, at: second(1), outcome: "unknown", until: later },
        { attempt: 2, at: second(2), outcome: "sent" },
      ],
    }));

  test("that are sent again are due at once, and remember what was tried", () =>
    given(mails)(requested, attempted, attemptedAgain, sent, repeated).then({
      ...{ status: "waiting", nextAt: second(4), sentAt: second(3), repeats: 1, attempts: 2 },
      tries: [
        { attempt: 1, at: second(1), outcome: "unknown", until: later },
        { attempt: 2, at: second(2), outcome: "sent" },
      ],
    }));

  test("that are sent again forget why they failed", () =>
    given(mails)(requested, attempted, failed, repeated).then({
      ...{ status: "waiting", nextAt: second(3), error: undefined, repeats: 1 },
    }));

  test("keep the last twenty attempts", () => {
    const attempts = Array.from({ length: 25 }, (_, n) =>
      of("MailAttempted", { attempt: n + 1, leaseUntil: later }, second(1)),
    );
    given(mails)(requested, ...attempts).then({
      tries: attempts.slice(5).map(({ data }) => ({
        ...{ attempt: Number(data.attempt), at: second(1), outcome: "unknown", until: later },
      })),
    });
  });

  test("that expired before any attempt failed", () =>
    given(mails)(requested, of("MailFailed", { attempt: 0, error: "expired" })).then({
      ...{ status: "failed", attempts: 0, nextAt: "", error: "expired", tries: [] },
    }));

  test("that expired after an attempt leave what is known of that as it was", () => {
    const expired = of("MailFailed", { attempt: 1, error: "expired" }, later);
    given(mails)(requested, attempted, expired).then({
      ...{ status: "failed", error: "expired" },
      tries: [{ attempt: 1, at: second(1), outcome: "unknown", until: later }],
    });
    given(mails)(requested, attempted, retried, expired).then({
      ...{ status: "failed", error: "expired" },
      tries: [{ attempt: 1, at: second(1), outcome: "failed", error: "away" }],
    });
  });

  test("keep erased fields as erased", () =>
    given(mails)(
      of("MailRequested", { ...requested.data, to: ERASED, properties: ERASED }),
      attempted,
      of("MailFailed", { attempt: 1, error: ERASED }),
    ).then({
      ...{ to: ERASED, searchTo: "", error: ERASED, status: "failed", template: "account-created" },
      tries: [{ attempt: 1, at: second(1), outcome: "failed", error: ERASED }],
    }));
});
