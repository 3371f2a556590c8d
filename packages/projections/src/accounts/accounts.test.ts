import { ERASED } from "@daybook/domain";
import { describe, test } from "vitest";
import { given } from "../kernel/spec.ts";
import { accounts } from "./accounts.ts";

const of = (type: string, data: Record<string, unknown>) => ({ type, stream: "user-grace", data });

const emailClaim = { name: "email-1", token: "first" };
const usernameClaim = { name: "username-1", token: "first" };
const identity = {
  username: "grace",
  email: "grace@navy.example",
  firstName: "Grace",
  lastName: "Hopper",
  phone: "",
};
const created = of("UserCreated", { ...identity, emailClaim, usernameClaim, homeRole: "auditor" });
const chosen = of("PasswordAssigned", { credential: "first", hash: "hash-1", temporary: false });
const temporary = of("PasswordAssigned", {
  ...{ credential: "first", hash: "hash-1", temporary: true },
  expiresAt: "2026-01-08T12:00:00.000Z",
});
const reset = of("PasswordReset", {
  ...{ credential: "second", hash: "hash-2" },
  expiresAt: "2026-01-09T12:00:00.000Z",
});

describe("accounts", () => {
  test("begin without a password, with the claims they hold", () =>
    given(accounts)(created).then({
      ...identity,
      ...{ id: "grace", organization: "acme", emailClaim, usernameClaim },
      ...{ credential: "", hash: "", mustChangePassword: false, expiresAt: undefined, revision: 0 },
    }));

  test("get a chosen password", () =>
    given(accounts)(created, chosen).then({
      ...{ credential: "first", hash: "hash-1", mustChangePassword: false, expiresAt: undefined },
      revision: 1,
    }));

  test("get a temporary password, which must be changed and ends", () =>
    given(accounts)(created, temporary).then({
      ...{ credential: "first", mustChangePassword: true, expiresAt: "2026-01-08T12:00:00.000Z" },
    }));

  test("get another temporary one by a reset", () =>
    given(accounts)(created, chosen, reset).then({
      ...{ credential: "second", hash: "hash-2", mustChangePassword: true },
      ...{ expiresAt: "2026-01-09T12:00:00.000Z", revision: 2 },
    }));

  // Sessions name their credential: a new one ends them, and nothing of the temporary one stays.
  test.each([
    of("PasswordChanged", { credential: "third", hash: "hash-3" }),
    of("PasswordRecovered", { credential: "third", hash: "hash-3", request: "request-1" }),
  ])("are free of a temporary password after $type", (event) =>
    given(accounts)(created, temporary, event).then({
      ...{ credential: "third", hash: "hash-3", mustChangePassword: false, expiresAt: undefined },
      revision: 2,
    }),
  );

  test("follow address, names and phone", () => {
    const claim = { name: "email-2", token: "second" };
    given(accounts)(
      created,
      of("UserEmailChanged", { email: "hopper@navy.example", claim }),
      of("UserRenamed", { firstName: "Amazing", lastName: "Grace" }),
      of("UserPhoneChanged", { phone: "+1 202 555 0100" }),
    ).then({
      ...{ email: "hopper@navy.example", emailClaim: claim, usernameClaim },
      ...{ firstName: "Amazing", lastName: "Grace", phone: "+1 202 555 0100", revision: 3 },
    });
  });

  test("do not change by links, forfeited claims or a creation that was shut out", () => {
    const asked = of("PasswordResetRequested", {
      ...{ request: "request-1", expiresAt: "2026-01-02T12:00:00.000Z" },
    });
    given(accounts)(created, chosen, asked, of("ClaimForfeited", { token: "lost" })).then({
      ...identity,
      ...{ credential: "first", hash: "hash-1" },
    });
    given(accounts)(of("UserAbandoned", {})).then();
  });

  test("keep erased fields as erased", () =>
    given(accounts)(
      of("UserCreated", { ...created.data, email: ERASED, username: ERASED }),
      of("PasswordAssigned", { ...chosen.data, hash: ERASED }),
    ).then({ email: ERASED, username: ERASED, hash: ERASED, credential: "first" }));
});
