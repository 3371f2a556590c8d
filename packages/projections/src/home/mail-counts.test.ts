import { describe, test } from "vitest";
import { given } from "../kernel/spec.ts";
import { mailCounts } from "./mail-counts.ts";

const of = (type: string, mail: string, data: Record<string, unknown> = {}) => ({
  ...{ type, stream: `mail-${mail}`, data },
});
const later = "2026-01-01T12:01:00.000Z";
const asked = (mail = "one") => of("MailRequested", mail, { template: "test-mail", to: "a@b.c" });
const attempted = of("MailAttempted", "one", { attempt: 1, leaseUntil: later });
const failed = of("MailFailed", "one", { attempt: 1, error: "no such person" });
const retried = of("MailFailed", "one", { attempt: 1, error: "away", retryAt: later });
const sent = of("MailSent", "one", { attempt: 1 });

describe("mail counts", () => {
  test("begin with the first mail of an organization", () =>
    given(mailCounts)(asked()).then({
      ...{ id: "acme", organization: "acme", pending: 1, sent: 0, failed: 0 },
    }));

  test("count each mail once, by what became of it", () => {
    given(mailCounts)(asked(), asked("two")).then({ pending: 2, sent: 0, failed: 0 });
    given(mailCounts)(asked(), asked("two"), attempted, sent).then({
      ...{ pending: 1, sent: 1, failed: 0 },
    });
    given(mailCounts)(asked(), attempted, failed).then({ pending: 0, sent: 0, failed: 1 });
  });

  test("have a mail that is tried again as pending", () => {
    given(mailCounts)(asked(), attempted, retried).then({ pending: 1, sent: 0, failed: 0 });
    given(mailCounts)(asked(), attempted, retried, attempted, sent).then({
      ...{ pending: 0, sent: 1, failed: 0 },
    });
  });

  test("have a mail that is sent again as pending", () => {
    const repeated = (from: string) => ({ ...attempted, type: "MailRepeated", data: { from } });
    given(mailCounts)(asked(), attempted, sent, repeated("sent")).then({ pending: 1, sent: 0 });
    given(mailCounts)(asked(), attempted, failed, repeated("failed")).then({
      ...{ pending: 1, failed: 0 },
    });
  });

  test("are those of each organization", () =>
    given(mailCounts)(asked(), { ...asked("two"), meta: { organization: "globex" } }).then(
      { id: "acme", pending: 1 },
      { id: "globex", organization: "globex", pending: 1 },
    ));
});
