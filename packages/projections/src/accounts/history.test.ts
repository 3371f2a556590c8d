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
    ...{ at: "2026-01-01T12:00:00.000Z", position: n, actor: { kind: "user", id: "ada" } },
    ...{ ip: undefined, userAgent: undefined, reason: undefined, set, changes: true },
  });
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
