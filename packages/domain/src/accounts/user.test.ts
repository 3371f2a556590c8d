import { describe, test } from "vitest";
import { spec } from "../kernel/spec.ts";
import { user } from "./user.ts";

const { given } = spec(user);

const NOON = "2026-01-01T12:00:00.000Z";
const minutes = (n: number) => new Date(Date.parse(NOON) + n * 60_000).toISOString();

const identity = {
  username: "grace",
  email: "grace@navy.example",
  firstName: "Grace",
  lastName: "Hopper",
  phone: "",
  emailClaim: { name: "email-1", token: "first" },
  usernameClaim: { name: "username-1", token: "first" },
  homeRole: "member" as const,
};
const credential = { credential: "credential-1", hash: "hash-1" };
const next = { credential: "credential-2", hash: "hash-2" };

const createdUser = { type: "UserCreated" as const, data: identity };
const assigned = {
  type: "PasswordAssigned" as const,
  data: { ...credential, temporary: false },
};
const created = [createdUser, assigned];
const abandoned = { type: "UserAbandoned" as const, data: {} };
const movedTo = (name: string, token = "second") => ({
  type: "UserEmailChanged" as const,
  data: { email: "hopper@navy.example", claim: { name, token } },
});
const forfeited = { type: "ClaimForfeited" as const, data: { token: "lost" } };
const linkAsked = (request: string, expiresAt = minutes(60)) => ({
  type: "PasswordResetRequested" as const,
  data: { request, expiresAt },
});

const create = {
  type: "CreateUser",
  data: { ...identity, ...credential, temporary: false },
};
const abandon = { type: "AbandonUser", data: {} };
const moveTo = (name: string, token = "second") => ({
  type: "ChangeUserEmail",
  data: movedTo(name, token).data,
});
const rename = { type: "RenameUser", data: { firstName: "Grace", lastName: "Murray" } };
const changePhone = { type: "ChangeUserPhone", data: { phone: "+1 202 555 0100" } };
const forfeit = (name: string, token = "lost") => ({
  type: "ForfeitClaim",
  data: { claim: { name, token } },
});
const reset = { type: "ResetPassword", data: { ...next, expiresAt: minutes(10_080) } };
const change = {
  type: "ChangePassword",
  data: { ...next, verified: credential.credential },
};
const askLink = (request: string) => ({
  type: "RequestPasswordReset",
  data: { request, expiresAt: minutes(60) },
});
const recover = (request: string) => ({ type: "RecoverPassword", data: { ...next, request } });
const recovered = (request: string) => ({
  type: "PasswordRecovered" as const,
  data: { ...next, request },
});

const resetDone = {
  type: "PasswordReset" as const,
  data: { credential: "credential-3", hash: "hash-3", expiresAt: minutes(10_080) },
};

describe("creating", () => {
  test("records the person, then the password", () =>
    given()
      .when(create)
      .then(...created));

  test("with a temporary password records when it ends", () => {
    const ending = { temporary: true, expiresAt: minutes(10_080) };
    given()
      .when({ ...create, data: { ...create.data, ...ending } })
      .then(createdUser, { ...assigned, data: { ...credential, ...ending } });
  });

  test("writes addresses and usernames the way they are compared", () =>
    given()
      .when({
        ...create,
        data: { ...create.data, email: " Grace@Navy.example ", username: "GRACE" },
      })
      .then(...created));

  test("a second time is refused", () =>
    given(...created)
      .when(create)
      .refuses("user/exists"));

  // Whoever shut it out has taken its name: a creation that was only paused must fail here.
  test("one that was shut out is refused", () =>
    given(abandoned).when(create).refuses("user/abandoned"));
});

describe("abandoning", () => {
  test("shuts out a creation that never came to be", () => given().when(abandon).then(abandoned));
  test("twice changes nothing", () => given(abandoned).when(abandon).then());
  test("a person who exists is refused", () =>
    given(...created)
      .when(abandon)
      .refuses("user/exists"));
});

// What does not exist, or was shut out before it did, has nothing to change.
describe.each([
  ["unknown", []],
  ["abandoned", [abandoned]],
])("a person who is %s", (_, history) => {
  test.each([
    moveTo("email-2"),
    rename,
    changePhone,
    forfeit("email-2"),
    reset,
    change,
    askLink("a"),
    recover("a"),
  ])("has no $type", (command) =>
    given(...history)
      .when(command)
      .refuses("user/unknown"),
  );
});

describe("changing the e-mail address", () => {
  test("records the address with its claim", () =>
    given(...created)
      .when(moveTo("email-2"))
      .then(movedTo("email-2")));

  test("to the one in use changes nothing", () =>
    given(...created)
      .when(moveTo("email-1", "whatever"))
      .then());

  test("and back is possible", () =>
    given(...created, movedTo("email-2"))
      .when(moveTo("email-1", "third"))
      .then(movedTo("email-1", "third")));

  test("with a claim that was given to somebody else is refused", () =>
    given(...created, forfeited)
      .when(moveTo("email-2", "lost"))
      .refuses("user/email-taken"));

  test("with another taking of that claim is possible", () =>
    given(...created, forfeited)
      .when(moveTo("email-2", "regained"))
      .then(movedTo("email-2", "regained")));

  // The link was mailed to the old address, which may be why it was changed.
  test("ends the reset links", () =>
    given(...created, linkAsked("a"), movedTo("email-2"))
      .when(recover("a"))
      .refuses("user/reset-link-spent"));
});

describe("names and phone", () => {
  test("a new name is recorded", () =>
    given(...created)
      .when(rename)
      .then({ type: "UserRenamed", data: rename.data }));

  test("a new phone number is recorded", () =>
    given(...created)
      .when(changePhone)
      .then({ type: "UserPhoneChanged", data: changePhone.data }));

  test("neither ends the reset links", () =>
    given(
      ...created,
      linkAsked("a"),
      { type: "UserRenamed", data: rename.data },
      { type: "UserPhoneChanged", data: changePhone.data },
    )
      .when(recover("a"))
      .then(recovered("a")));
});

describe("forfeiting a claim", () => {
  test("that is not used shuts the taking out", () =>
    given(...created)
      .when(forfeit("email-2"))
      .then(forfeited));

  test("twice changes nothing", () =>
    given(...created, forfeited)
      .when(forfeit("email-2"))
      .then());

  test.each(["email-1", "username-1"])("in use, %s, is refused", (name) =>
    given(...created)
      .when(forfeit(name))
      .refuses("claim/in-use"),
  );

  test("that was used before is possible", () =>
    given(...created, movedTo("email-2"))
      .when(forfeit("email-1", "lost"))
      .then(forfeited));

  test("that came into use since is refused", () =>
    given(...created, movedTo("email-2"))
      .when(forfeit("email-2"))
      .refuses("claim/in-use"));
});

describe("resetting the password", () => {
  test("sets a temporary one", () =>
    given(...created)
      .when(reset)
      .then({ type: "PasswordReset", data: reset.data }));

  test("of oneself is refused", () =>
    given(...created)
      .when(reset, { id: "ada", by: "ada" })
      .refuses("user/reset-self"));
});

test("changing the password sets the new one", () =>
  given(...created)
    .when(change)
    .then({ type: "PasswordChanged", data: next }));

// Whoever knew the old password must not undo the reset that shut them out.
test("a change that a reset overtook is refused", () =>
  given(...created, resetDone)
    .when({ type: "ChangePassword", data: { ...next, verified: credential.credential } })
    .refuses("user/password-changed-meanwhile"));

test("a link is spent when the address it was mailed to is given up", () =>
  given(...created, linkAsked("a"), movedTo("other"))
    .when(recover("a"))
    .refuses("user/reset-link-spent"));

describe("reset links", () => {
  test("are recorded with when they end", () =>
    given(...created)
      .when(askLink("a"))
      .then(linkAsked("a")));

  test("are no more than three an hour", () => {
    const three = [...created, linkAsked("a"), linkAsked("b"), linkAsked("c")];
    given(...three.slice(0, -1))
      .when(askLink("d"))
      .then(linkAsked("d"));
    given(...three)
      .when(askLink("d"), { at: minutes(59) })
      .then();
    given(...three)
      .when(askLink("d"), { at: minutes(60) })
      .then(linkAsked("d"));
  });

  // Somebody who asks for many must not get around the bound by a password set in between.
  test("are bounded also over a new password", () =>
    given(...created, linkAsked("a"), linkAsked("b"), linkAsked("c"), recovered("a"))
      .when(askLink("d"))
      .then());

  test("set a new password", () =>
    given(...created, linkAsked("a"))
      .when(recover("a"))
      .then(recovered("a")));

  test("are all good until one is used", () =>
    given(...created, linkAsked("a"), linkAsked("b"))
      .when(recover("a"))
      .then(recovered("a")));

  test.each([
    ["one that was never asked for", [linkAsked("b")]],
    ["one that was used", [linkAsked("a"), recovered("a")]],
    ["one beside the one that was used", [linkAsked("a"), linkAsked("b"), recovered("b")]],
    ["one before a reset", [linkAsked("a"), { type: "PasswordReset" as const, data: reset.data }]],
    ["one before a change", [linkAsked("a"), { type: "PasswordChanged" as const, data: next }]],
    ["one that has ended", [linkAsked("a", NOON)]],
  ])("%s is spent", (_, history) =>
    given(...created, ...history)
      .when(recover("a"))
      .refuses("user/reset-link-spent"),
  );

  test("are good until the last moment", () =>
    given(...created, linkAsked("a"))
      .when(recover("a"), { at: "2026-01-01T12:59:59.999Z" })
      .then(recovered("a")));
});
