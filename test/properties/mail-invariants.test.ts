import { mail } from "@daybook/domain";
import fc from "fast-check";
import { expect, test } from "vitest";
import { asksOf, eventsOf, type Step, walk } from "./walk.ts";

type Mail = typeof mail.initial;

const asks = asksOf(mail, {
  // Zero stands for the attempt under way, which is what a sender reports on.
  named: { properties: fc.constant({ name: "Grace", username: "grace" }), attempt: fc.nat(4) },
  weights: { RequestMail: 2, AttemptMail: 6, RecordMailFailed: 4, RepeatMail: 2 },
  maxLength: 60,
});
const walks = asks.map((given) =>
  walk(mail, given, (data, { attempt }) =>
    data.attempt === 0 ? { ...data, attempt, permanent: false } : data,
  ),
);

/** Checks an invariant on many walks. */
const holds = (invariant: (steps: Step<Mail>[]) => void) =>
  fc.assert(fc.property(walks, invariant), { numRuns: 500 });

const isFinal = ({ type, data }: { type: string; data: Record<string, unknown> }) =>
  type === "MailSent" || (type === "MailFailed" && data.retryAt === undefined);

test("a mail that was sent or given up is over: nothing but its repetition is recorded of it", () =>
  holds((steps) => {
    const events = eventsOf(steps);
    for (const [at, { type }] of events.entries()) {
      const isOver = at > 0 && isFinal(events[at - 1] as (typeof events)[number]);
      expect(type === "MailRepeated").toBe(isOver);
    }
  }));

/** The events of each sending: of the first, and of every repetition. */
function roundsOf(steps: Step<Mail>[]) {
  const events = eventsOf(steps);
  const starts = events.flatMap(({ type }, at) => (type === "MailRepeated" ? [at] : []));
  return [0, ...starts].map((start, n) => events.slice(start, starts[n]));
}

// Its Message-ID is made of the round: mail servers tell copies and second attempts apart by it.
test("each attempt says in which round it is", () =>
  holds((steps) => {
    for (const [before, events] of roundsOf(steps).entries())
      for (const { type, data } of events)
        if (type === "MailAttempted")
          expect(data.round).toBe(before === 0 ? undefined : before + 1);
  }));

test("attempts are numbered from 1 without a gap, and reported once under their number", () =>
  holds((steps) => {
    let made = 0;
    let reported = 0;
    for (const { type, data } of eventsOf(steps)) {
      if (type === "MailRequested" || type === "MailRepeated") continue;
      if (type === "MailAttempted") expect(data.attempt).toBe(++made);
      else {
        expect(data.attempt).toBe(made);
        // Given up because its content expired, it ends on the number of an attempt reported before.
        if (data.error !== "The content has expired.") expect(++reported).toBeLessThanOrEqual(made);
      }
    }
  }));

// A second sender that tried at the same time would send the mail twice.
test("no attempt starts while another one has its lease, nor before it is due", () =>
  holds((steps) => {
    let notBefore = "";
    for (const { type, data, at } of eventsOf(steps)) {
      if (type === "MailAttempted") {
        expect(at >= notBefore).toBe(true);
        notBefore = String(data.leaseUntil);
        expect(notBefore > at).toBe(true);
      } else notBefore = String(data.retryAt ?? "");
    }
  }));

// Whatever a sender did or failed to do, a mail must not be left lying.
test("a mail that is not over can be attempted once its time has come, or is given up", () =>
  holds((steps) => {
    for (const { type, before, at, events, refusal } of steps) {
      if (type !== "AttemptMail" || !["waiting", "sending"].includes(before.status)) continue;
      if (before.nextAt > at) expect(refusal?.code).toBe("mail/not-due");
      else {
        const hasExpired = before.expiresAt !== undefined && before.expiresAt <= at;
        expect(events.map((one) => one.type)).toEqual([
          hasExpired ? "MailFailed" : "MailAttempted",
        ]);
      }
    }
  }));

test("content that has expired is not sent, nor repeated", () =>
  holds((steps) => {
    const events = eventsOf(steps);
    const expiresAt = events[0]?.data.expiresAt as string | undefined;
    for (const { type, at } of events)
      if (expiresAt && (type === "MailAttempted" || type === "MailRepeated"))
        expect(at < expiresAt).toBe(true);
  }));

test("failures that are reported lead to nine attempts a round at most", () =>
  holds((steps) => {
    for (const events of roundsOf(steps)) {
      const failed = events.filter(({ type }) => type === "MailFailed");
      const retried = failed.filter(({ data }) => data.retryAt !== undefined);
      expect(retried.length).toBeLessThanOrEqual(8);
    }
  }));
