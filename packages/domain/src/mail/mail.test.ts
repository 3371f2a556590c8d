import { describe, expect, test } from "vitest";
import { spec } from "../kernel/spec.ts";
import { MAIL_LEASE_MS, mail } from "./mail.ts";

const { given } = spec(mail);

const NOON = "2026-01-01T12:00:00.000Z";
const noonPlus = (ms: number) => new Date(Date.parse(NOON) + ms).toISOString();

const content = {
  template: "password-reset" as const,
  to: "grace@navy.example",
  properties: { name: "Grace", username: "grace" },
  secret: { kind: "temporary-password" as const, user: "grace", id: "credential-1" },
};
const requested = { type: "MailRequested" as const, data: content };
const expiring = {
  type: "MailRequested" as const,
  data: { ...content, expiresAt: noonPlus(60_000) },
};
const attempted = (attempt: number, leaseUntil = noonPlus(MAIL_LEASE_MS), round = 1) => ({
  type: "MailAttempted" as const,
  data: { attempt, ...(round > 1 && { round }), leaseUntil },
});
const sent = (attempt: number) => ({ type: "MailSent" as const, data: { attempt } });
const failed = (attempt: number, retryAt?: string, error = "away") => ({
  type: "MailFailed" as const,
  data: { attempt, error, ...(retryAt && { retryAt }) },
});

const repeated = (from: "sent" | "failed") => ({ type: "MailRepeated" as const, data: { from } });

const request = { type: "RequestMail", data: content };
const attempt = { type: "AttemptMail", data: {} };
const repeat = { type: "RepeatMail", data: {} };
const recordSent = (n: number) => ({ type: "RecordMailSent", data: { attempt: n } });
const recordFailed = (n: number, permanent = false) => ({
  type: "RecordMailFailed",
  data: { attempt: n, error: "away", permanent },
});

describe("requesting", () => {
  test("records what is to be mailed", () => given().when(request).then(requested));

  // A reaction may see its event again after a crash: one mail, not two.
  test("twice changes nothing, whatever became of it", () => {
    given(requested).when(request).then();
    given(requested, attempted(1), sent(1)).when(request).then();
    given(requested, attempted(1), failed(1)).when(request).then();
  });

  test("without what the template needs is refused", () =>
    given()
      .when({ ...request, data: { ...content, properties: { name: "Grace" } } })
      .refuses("mail/properties"));
});

describe("attempting", () => {
  test("takes a lease", () => given(requested).when(attempt).then(attempted(1)));

  test("what was not requested is refused", () => given().when(attempt).refuses("mail/unknown"));

  // Two senders, or one that came back: while the first may still be at work nobody else sends.
  test("while another attempt may be under way is refused", () =>
    given(requested, attempted(1))
      .when(attempt, { at: noonPlus(MAIL_LEASE_MS - 1) })
      .refuses("mail/not-due"));

  test("goes on once the lease of a sender that died is over", () =>
    given(requested, attempted(1))
      .when(attempt, { at: noonPlus(MAIL_LEASE_MS) })
      .then(attempted(2, noonPlus(2 * MAIL_LEASE_MS))));

  test("before the next try is due is refused", () =>
    given(requested, attempted(1), failed(1, noonPlus(10_000)))
      .when(attempt, { at: noonPlus(9_999) })
      .refuses("mail/not-due"));

  test("counts on when it is due", () =>
    given(requested, attempted(1), failed(1, noonPlus(10_000)))
      .when(attempt, { at: noonPlus(10_000) })
      .then(attempted(2, noonPlus(10_000 + MAIL_LEASE_MS))));

  test("what was sent is refused", () =>
    given(requested, attempted(1), sent(1))
      .when(attempt, { at: noonPlus(86_400_000) })
      .refuses("mail/over"));

  test("what failed for good is refused", () =>
    given(requested, attempted(1), failed(1))
      .when(attempt, { at: noonPlus(86_400_000) })
      .refuses("mail/over"));

  test("what has expired gives it up", () => {
    const expired = "The content has expired.";
    given(expiring)
      .when(attempt, { at: noonPlus(59_999) })
      .then(attempted(1, noonPlus(59_999 + MAIL_LEASE_MS)));
    given(expiring)
      .when(attempt, { at: noonPlus(60_000) })
      .then(failed(0, undefined, expired));
    given(expiring, attempted(1), failed(1, noonPlus(10_000)))
      .when(attempt, { at: noonPlus(60_000) })
      .then(failed(1, undefined, expired));
  });
});

describe("repeating", () => {
  test("what was sent, or failed for good, makes it due again", () => {
    given(requested, attempted(1), sent(1)).when(repeat).then(repeated("sent"));
    given(requested, attempted(1), failed(1)).when(repeat).then(repeated("failed"));
  });

  test("what was not requested is refused", () => given().when(repeat).refuses("mail/unknown"));

  test.each([
    ["waits", [requested]],
    ["is being sent", [requested, attempted(1)]],
    ["will be tried again", [requested, attempted(1), failed(1, noonPlus(10_000))]],
    ["was repeated already", [requested, attempted(1), sent(1), repeated("sent")]],
  ])("what %s is refused", (_, history) =>
    given(...history)
      .when(repeat, { at: noonPlus(86_400_000) })
      .refuses("mail/under-way"),
  );

  test("what has expired is refused", () => {
    const history = [expiring, attempted(1), sent(1)];
    given(...history)
      .when(repeat, { at: noonPlus(59_999) })
      .then(repeated("sent"));
    given(...history)
      .when(repeat, { at: noonPlus(60_000) })
      .refuses("mail/expired");
  });

  test("counts its attempts on, and says in which round they are", () => {
    const history = [requested, attempted(1), failed(1), repeated("failed")];
    given(...history)
      .when(attempt)
      .then(attempted(2, noonPlus(MAIL_LEASE_MS), 2));
    const once = [...history, attempted(2), sent(2), repeated("sent")];
    given(...once)
      .when(attempt)
      .then(attempted(3, noonPlus(MAIL_LEASE_MS), 3));
    given(...once, attempted(3))
      .when(recordSent(3))
      .then(sent(3));
  });

  // However often it failed before: each round is as patient as the first.
  test("begins a round of nine attempts", () => {
    const history = [requested, attempted(7), failed(7), repeated("failed")];
    given(...history, attempted(8))
      .when(recordFailed(8))
      .then(failed(8, noonPlus(10_000)));
    given(...history, attempted(15))
      .when(recordFailed(15))
      .then(failed(15, noonPlus(43_200_000)));
    given(...history, attempted(16))
      .when(recordFailed(16))
      .then(failed(16));
  });

  test("what expires before it is sent again gives it up", () =>
    given(expiring, attempted(1), sent(1), repeated("sent"))
      .when(attempt, { at: noonPlus(60_000) })
      .then(failed(1, undefined, "The content has expired.")));

  test("takes no outcome of the round before", () =>
    given(requested, attempted(1), failed(1), repeated("failed"))
      .when(recordSent(1))
      .refuses("mail/attempt-over"));
});

describe("the outcome", () => {
  test("of success ends it", () =>
    given(requested, attempted(1)).when(recordSent(1)).then(sent(1)));

  test("of a permanent refusal ends it", () =>
    given(requested, attempted(1)).when(recordFailed(1, true)).then(failed(1)));

  // About a day in all, as mail servers themselves do.
  test("of a transient failure is tried again, ever later, nine times in all", () => {
    const waits = [10, 60, 300, 900, 3600, 10_800, 28_800, 43_200];
    waits.forEach((seconds, at) => {
      given(requested, attempted(at + 1))
        .when(recordFailed(at + 1))
        .then(failed(at + 1, noonPlus(seconds * 1000)));
    });
    given(requested, attempted(9)).when(recordFailed(9)).then(failed(9));
    expect(waits.reduce((sum, one) => sum + one)).toBeGreaterThan(86_400);
  });

  // Whoever lost the lease must not overwrite what the next attempt found out.
  test.each([
    ["was not requested", []],
    ["was not attempted", [requested]],
    ["is at another attempt", [requested, attempted(1), attempted(2)]],
    ["waits for its next attempt", [requested, attempted(1), failed(1, noonPlus(10_000))]],
    ["was sent", [requested, attempted(1), sent(1)]],
    ["failed for good", [requested, attempted(1), failed(1)]],
  ])("of a mail that %s is refused", (_, history) => {
    given(...history)
      .when(recordSent(1))
      .refuses("mail/attempt-over");
    given(...history)
      .when(recordFailed(1))
      .refuses("mail/attempt-over");
  });
});
