import { z } from "zod";
import { personal } from "../kernel/index.ts";
import { role } from "../permissions.ts";

// Stored for ever. Add optional fields, else upcast.

/** The hold on a unique value: the claim's stream, and the token of this taking of it. */
export const claimHold = z.object({ name: z.string(), token: z.string() });
export type ClaimHold = z.output<typeof claimHold>;

/** A way to prove who one is. Sessions name the credential they were opened with. */
const credential = {
  credential: z.string(),
  hash: personal(z.string()),
};

export const userEvents = {
  UserCreated: z.object({
    username: personal(z.string()),
    email: personal(z.string()),
    firstName: personal(z.string()),
    lastName: personal(z.string()),
    phone: personal(z.string()),
    emailClaim: claimHold,
    usernameClaim: claimHold,
    /** The role in the home organization: whoever continues a creation cut short adds it. */
    homeRole: role,
  }),
  /** A creation that stopped half way was shut out, so that another may take its name. */
  UserAbandoned: z.object({}),
  UserEmailChanged: z.object({ email: personal(z.string()), claim: claimHold }),
  UserRenamed: z.object({ firstName: personal(z.string()), lastName: personal(z.string()) }),
  UserPhoneChanged: z.object({ phone: personal(z.string()) }),
  /** A taking of a claim that was not yet used was given to somebody else. */
  ClaimForfeited: z.object({ token: z.string() }),
  PasswordAssigned: z.object({
    ...credential,
    /** Made by the product, not chosen: it is mailed, and ends at `expiresAt`. */
    temporary: z.boolean(),
    expiresAt: z.iso.datetime().optional(),
  }),
  PasswordReset: z.object({ ...credential, expiresAt: z.iso.datetime() }),
  PasswordChanged: z.object(credential),
  PasswordResetRequested: z.object({ request: z.string(), expiresAt: z.iso.datetime() }),
  PasswordRecovered: z.object({ ...credential, request: z.string() }),
};

export const membershipEvents = {
  MemberAdded: z.object({ user: z.string(), role }),
  MemberRoleChanged: z.object({ role }),
  MemberDeactivated: z.object({}),
  MemberReactivated: z.object({}),
};

export const claimEvents = {
  ClaimTaken: z.object({ owner: z.string(), token: z.string() }),
  ClaimReleased: z.object({ token: z.string() }),
};

/** Why a sign-in failed: for administrators; the public answer is always the same. */
export const signInFailure = z.enum([
  "unknown-name",
  "wrong-password",
  "password-expired",
  "inactive",
]);

export const signInEvents = {
  /** Recorded before the password is checked, and counted as a failure until it succeeded. */
  SignInAttempted: z.object({ attempt: z.string(), network: z.string() }),
  SignInRefused: z.object({ network: z.string(), until: z.iso.datetime().optional() }),
  SignInSucceeded: z.object({ attempt: z.string(), credential: z.string() }),
  SignInFailed: z.object({ attempt: z.string(), reason: signInFailure }),
  SignInFailuresCleared: z.object({}),
};
