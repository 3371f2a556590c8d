import assert from "node:assert/strict";
import { ERASED } from "@daybook/domain";
import { describe, test } from "vitest";
import { given } from "../kernel/spec.ts";
import { type HistoryRow, history, withChanges } from "./history.ts";

const meta = { subject: "grace" };
const of = (type: string, data: Record<string, unknown> = {}) => ({
  ...{ type, stream: "user-grace", data, meta },
});

const claim = { name: "email-1", token: "first" };
const created = of("UserCreated", {
  ...{ username: "grace", email: "grace@navy.example", phone: "" },
  ...{ firstName: "Grace", lastName: "Hopper" },
  ...{ emailClaim: claim, usernameClaim: claim, homeRole: "member" },
});

describe("history", () => {
  test("tells who did what to whom, when, from where and why", () =>
    given(history)({
      ...of("UserRenamed", { firstName: "Amazing", lastName: "Grace" }),
      meta: { ...meta, ip: "192.0.2.7", userAgent: "Lynx", reason: "She married." },
    }).then({
      ...{ id: "event-0", organization: "acme", subject: "grace", type: "UserRenamed" },
      ...{ at: "2026-01-01T12:00:00.000Z", position: 0, actor: { kind: "user", id: "ada" } },
      ...{ ip: "192.0.2.7", userAgent: "Lynx", reason: "She married." },
      ...{ set: { firstName: "Amazing", lastName: "Grace" }, changes: true },
    }));

  test("has an entry for every event, also of one stream", () =>
    given(history)(created, of("UserAbandoned"), of("UserAbandoned")).then(
      { id: "event-0" },
      { id: "event-1", changes: false, set: {} },
      { id: "event-2" },
    ));

  // Hashes, claims and ids say nothing to a person, and hashes are a secret.
  test("shows what people entered, and nothing else", () => {
    given(history)(created).then({
      set: {
        ...{ username: "grace", email: "grace@navy.example", phone: "" },
        ...{ firstName: "Grace", lastName: "Hopper" },
      },
    });
    const credential = { credential: "first", hash: "hash-1" };
    given(history)(
      of("PasswordAssigned", { ...credential, temporary: true }),
      of("PasswordChanged", credential),
      of("PasswordRecovered", { ...credential, request: "request-1" }),
      of("ClaimForfeited", { token: "lost" }),
    ).then({ set: { temporary: true } }, { set: {} }, { set: {} }, { set: {} });
  });

  test("shows what follows from an event beside what it says", () =>
    given(history)(
      of("MemberAdded", { user: "grace", role: "auditor" }),
      of("MemberDeactivated"),
      of("MemberReactivated"),
    ).then(
      { set: { role: "auditor", status: "active" }, changes: true },
      { set: { status: "inactive" }, changes: true },
      { set: { status: "active" }, changes: true },
    ));

  test("has outcomes of sign-ins, not attempts", () =>
    given(history)(
      of("SignInAttempted", { attempt: "a", network: "home" }),
      of("SignInFailed", { attempt: "a", reason: "wrong-password" }),
      of("SignInRefused", { network: "home" }),
      of("SignInSucceeded", { attempt: "b", credential: "first" }),
    ).then({ type: "SignInFailed" }, { type: "SignInRefused" }, { type: "SignInSucceeded" }));

  test("is of five kinds", () =>
    given(history)(
      created,
      of("PasswordChanged", { credential: "first", hash: "hash-1" }),
      { ...of("MemberDeactivated"), stream: "membership-acme.grace" },
      { ...of("SignInFailed", { attempt: "a" }), stream: "signin-grace" },
      { ...of("MailSent", { attempt: 1 }), stream: "mail-event-1.account-mail" },
    ).then(
      { kind: "account", stream: "user-grace" },
      { kind: "password", stream: "user-grace" },
      { kind: "access", stream: "membership-acme.grace" },
      { kind: "sign-in", stream: "signin-grace" },
      { kind: "mail", stream: "mail-event-1.account-mail" },
    ));

  // The properties a mail is rendered with, and where its secret comes from, are not for a timeline.
  test("tells of mails to a person, which change nothing about them", () => {
    const secret = { kind: "reset-link", user: "grace", id: "request-1" };
    given(history)(
      of("MailRequested", {
        ...{ template: "password-reset-link", to: "grace@navy.example", secret },
        properties: { name: "Grace" },
      }),
      of("MailAttempted", { attempt: 1, leaseUntil: "2026-01-01T12:01:00.000Z" }),
      of("MailFailed", { attempt: 1, error: "away", retryAt: "2026-01-01T12:01:00.000Z" }),
      of("MailSent", { attempt: 2 }),
    ).then(
      { set: { template: "password-reset-link", to: "grace@navy.example" }, changes: false },
      { type: "MailFailed", set: { error: "away" }, changes: false },
      { type: "MailSent", set: {}, changes: false },
    );
  });

  test("has nothing of mails to nobody in particular", () =>
    given(history)({ ...of("MailSent", { attempt: 1 }), meta: {} }).then());

  test("names the event that an entry followed from, not the command of a further step", () =>
    given(history)(
      { ...of("MailSent", { attempt: 1 }), meta: { ...meta, causationId: "event-7" } },
      { ...of("UserAbandoned"), meta: { ...meta, causationId: "command" } },
      of("UserAbandoned"),
    ).then({ causedBy: "event-7" }, { causedBy: undefined }, { causedBy: undefined }));

  test("has nothing of guesses at names that nobody has", () =>
    given(history)({
      ...of("SignInFailed", { attempt: "a", reason: "unknown-name" }),
      meta: {},
    }).then());

  test("keeps erased fields as erased", () =>
    given(history)({
      ...of("UserEmailChanged", { email: ERASED, claim }),
      meta: { ...meta, ip: ERASED, userAgent: ERASED },
    }).then({ set: { email: ERASED }, ip: ERASED, userAgent: ERASED, changes: true }));
});

describe("what each entry changed", () => {
  const row = (n: number, set: HistoryRow["set"]): HistoryRow => ({
    ...{ id: `event-${n}`, organization: "acme", subject: "grace", type: "Something" },
    ...{ kind: "account", stream: "user-grace" },
    ...{ at: "2026-01-01T12:00:00.000Z", position: n, actor: { kind: "user", id: "ada" } },
    ...{ ip: undefined, userAgent: undefined, reason: undefined, set, changes: true },
  });
  const mailed = (n: number, to: string) => ({ ...row(n, { to }), changes: false });
  const changesOf = (entries: HistoryRow[], older: HistoryRow[] = []) =>
    withChanges(entries, older).map(({ changes }) => changes);

  test("the first time has no value before it", () =>
    assert.deepEqual(changesOf([row(1, { email: "a", phone: "" })]), [
      [
        { field: "email", to: "a" },
        { field: "phone", to: "" },
      ],
    ]));

  test("a later time has the value of the newest entry before it", () =>
    assert.deepEqual(
      changesOf([
        row(4, { email: "c" }),
        row(3, { phone: "1" }),
        row(2, { email: "b" }),
        row(1, { email: "a" }),
      ]),
      [
        [{ field: "email", from: "b", to: "c" }],
        [{ field: "phone", to: "1" }],
        [{ field: "email", from: "a", to: "b" }],
        [{ field: "email", to: "a" }],
      ],
    ));

  test("the value before may stand on the next page", () =>
    assert.deepEqual(
      changesOf([row(3, { email: "b" })], [row(2, { phone: "" }), row(1, { email: "a" })]),
      [[{ field: "email", from: "a", to: "b" }]],
    ));

  test("entries of the next page are not shown themselves", () =>
    assert.equal(withChanges([row(2, {})], [row(1, { email: "a" })]).length, 1));

  test("a field that was set to what it was did not change", () =>
    assert.deepEqual(
      changesOf(
        [row(2, { firstName: "Grace", lastName: "Murray" })],
        [row(1, { firstName: "Grace", lastName: "Hopper" })],
      ),
      [[{ field: "lastName", from: "Hopper", to: "Murray" }]],
    ));

  test("false and empty text are values", () =>
    assert.deepEqual(
      changesOf(
        [row(2, { phone: "", temporary: false })],
        [row(1, { phone: "1", temporary: true })],
      ),
      [
        [
          { field: "phone", from: "1", to: "" },
          { field: "temporary", from: true, to: false },
        ],
      ],
    ));

  test("the value before is one of the same person", () =>
    assert.deepEqual(
      changesOf(
        [
          row(4, { phone: "4" }),
          { ...row(3, { phone: "3" }), subject: "ada" },
          row(2, { phone: "2" }),
        ],
        [{ ...row(1, { phone: "1" }), subject: "ada" }],
      ),
      [
        [{ field: "phone", from: "2", to: "4" }],
        [{ field: "phone", from: "1", to: "3" }],
        [{ field: "phone", to: "2" }],
      ],
    ));

  test("what changes nothing has no value before it, and is none", () =>
    assert.deepEqual(changesOf([row(3, { to: "c" }), mailed(2, "b"), mailed(1, "a")]), [
      [{ field: "to", to: "c" }],
      [{ field: "to", to: "b" }],
      [{ field: "to", to: "a" }],
    ]));

  // As they come from a store each is an object of its own.
  test("of what was erased on both sides nothing is claimed", () => {
    const erased = () => structuredClone(ERASED);
    assert.deepEqual(
      changesOf(
        [row(2, { firstName: erased(), lastName: erased() })],
        [row(1, { firstName: erased(), lastName: erased() })],
      ),
      [[]],
    );
    assert.deepEqual(changesOf([row(2, { email: "a" })], [row(1, { email: erased() })]), [
      [{ field: "email", from: ERASED, to: "a" }],
    ]);
  });

  test("the rest of an entry stays as it is", () => {
    const [entry] = withChanges([row(1, {})], []);
    const { set: _, changes: __, ...rest } = row(1, {});
    assert.deepEqual(entry, { ...rest, changes: [] });
  });
});
