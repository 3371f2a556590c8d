import { ERASED } from "@daybook/domain";
import { describe, test } from "vitest";
import { given } from "../kernel/spec.ts";
import { people } from "./people.ts";

const meta = { subject: "grace" };
const happened =
  (stream: string) =>
  (type: string, data: Record<string, unknown> = {}) => ({
    ...{ type, stream, data, meta },
  });
const ofUser = happened("user-grace");
const ofMembership = happened("membership-acme.grace");
const ofSignIn = happened("signin-grace");

const claim = { name: "email-1", token: "first" };
const created = ofUser("UserCreated", {
  ...{ username: "Grace", email: "grace@navy.example", phone: "" },
  ...{ firstName: "Grace", lastName: "Hopper" },
  ...{ emailClaim: claim, usernameClaim: claim, homeRole: "auditor" },
});
const credential = { credential: "first", hash: "hash-1" };
const assigned = ofUser("PasswordAssigned", { ...credential, temporary: true });
const added = ofMembership("MemberAdded", { user: "grace", role: "auditor" });

describe("people", () => {
  test("begin as active members who have never signed in", () =>
    given(people)(created).then({
      ...{ id: "grace", organization: "acme", username: "Grace", email: "grace@navy.example" },
      ...{ firstName: "Grace", lastName: "Hopper", phone: "", role: "member", status: "active" },
      ...{ mustChangePassword: false, createdAt: "2026-01-01T12:00:00.000Z", lastSignInAt: "" },
      ...{ userRevision: 0, membershipRevision: -1 },
    }));

  test("are ordered by last name first, and searched in lower case", () =>
    given(people)(created).then({
      ...{ sortName: "hopper grace", searchFirstName: "grace", searchUsername: "grace" },
      searchEmail: "grace@navy.example",
    }));

  test("are searched by composed letters, however they were typed", () =>
    given(people)(
      created,
      ofUser("UserRenamed", { firstName: "ZOE\u0308", lastName: "A\u030Angström" }),
    ).then({ sortName: "ångström zoë", searchFirstName: "zoë" }));

  test("follow names, address and phone, also in what is searched", () =>
    given(people)(
      created,
      ofUser("UserRenamed", { firstName: "Amazing", lastName: "Murray" }),
      ofUser("UserEmailChanged", { email: "murray@navy.example", claim }),
      ofUser("UserPhoneChanged", { phone: "+1 202 555 0100" }),
    ).then({
      ...{ firstName: "Amazing", lastName: "Murray", sortName: "murray amazing" },
      ...{ searchFirstName: "amazing", searchEmail: "murray@navy.example" },
      ...{ email: "murray@navy.example", phone: "+1 202 555 0100", userRevision: 3 },
    }));

  test("are one row of all three streams", () =>
    given(people)(
      created,
      assigned,
      added,
      ofSignIn("SignInSucceeded", { attempt: "a", credential: "first" }),
    ).then({
      ...{ id: "grace", role: "auditor", mustChangePassword: true },
      ...{ lastSignInAt: "2026-01-01T12:00:03.000Z", userRevision: 1, membershipRevision: 2 },
    }));

  test("follow their place in the organization", () => {
    const changed = ofMembership("MemberRoleChanged", { role: "administrator" });
    const deactivated = ofMembership("MemberDeactivated");
    const reactivated = ofMembership("MemberReactivated");
    given(people)(created, added, changed).then({ role: "administrator", membershipRevision: 2 });
    given(people)(created, added, deactivated).then({ status: "inactive", membershipRevision: 2 });
    given(people)(created, added, deactivated, reactivated).then({
      ...{ status: "active", role: "auditor", membershipRevision: 3, userRevision: 0 },
    });
  });

  test("must change a password that was made for them, and no other", () => {
    const reset = ofUser("PasswordReset", { ...credential, expiresAt: "2026-01-08T12:00:00Z" });
    const changed = ofUser("PasswordChanged", credential);
    const recovered = ofUser("PasswordRecovered", { ...credential, request: "request-1" });
    const chosen = ofUser("PasswordAssigned", { ...credential, temporary: false });
    given(people)(created, chosen).then({ mustChangePassword: false, userRevision: 1 });
    given(people)(created, chosen, reset).then({ mustChangePassword: true, userRevision: 2 });
    given(people)(created, assigned, changed).then({ mustChangePassword: false, userRevision: 2 });
    given(people)(created, reset, recovered).then({ mustChangePassword: false, userRevision: 2 });
  });

  // A form sends the revision it showed: each event of the stream must be counted, or every save
  // after it would be taken for a conflict.
  test("count every event of their stream", () => {
    const asked = ofUser("PasswordResetRequested", {
      request: "r",
      expiresAt: "2026-01-02T12:00:00Z",
    });
    const forfeited = ofUser("ClaimForfeited", { token: "lost" });
    given(people)(created, asked, forfeited).then({ userRevision: 2 });
  });

  // Of those that retention leaves it is then still the latest.
  test("show the latest sign-in, in whichever order they were recorded", () => {
    const signedIn = (at: string) => ({
      ...ofSignIn("SignInSucceeded", { attempt: "a", credential: "first" }),
      meta: { subject: "grace", at },
    });
    const [earlier, later] = ["2026-01-01T12:00:00.000Z", "2026-01-01T12:00:01.000Z"];
    given(people)(created, signedIn(later), signedIn(earlier)).then({ lastSignInAt: later });
    given(people)(created, signedIn(earlier), signedIn(later)).then({ lastSignInAt: later });
  });

  test("do not change by failed sign-ins", () =>
    given(people)(
      created,
      ofSignIn("SignInAttempted", { attempt: "a", network: "home" }),
      ofSignIn("SignInFailed", { attempt: "a", reason: "wrong-password" }),
      ofSignIn("SignInRefused", { network: "home" }),
      ofSignIn("SignInFailuresCleared"),
    ).then({ lastSignInAt: "", userRevision: 0 }));

  test("are not made of guesses at names that nobody has", () =>
    given(people)(
      { ...ofSignIn("SignInAttempted", { attempt: "a", network: "home" }), meta: {} },
      { ...ofSignIn("SignInFailed", { attempt: "a", reason: "unknown-name" }), meta: {} },
    ).then());

  test("are not made of creations that were shut out", () =>
    given(people)(ofUser("UserAbandoned")).then());

  test("erased are still there, without a name to find them by", () =>
    given(people)(
      ofUser("UserCreated", {
        ...created.data,
        ...{ username: ERASED, email: ERASED, phone: ERASED, firstName: ERASED, lastName: ERASED },
      }),
      added,
    ).then({
      ...{ id: "grace", role: "auditor", username: ERASED, email: ERASED, phone: ERASED },
      ...{ sortName: " ", searchFirstName: "", searchUsername: "", searchEmail: "" },
    }));
});
