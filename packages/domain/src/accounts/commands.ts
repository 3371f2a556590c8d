import { z } from "zod";
import { role } from "../permissions.ts";
import { claimHold, signInFailure } from "./events.ts";
import {
  email,
  password,
  personName,
  phone,
  signInName,
  triedPassword,
  username,
} from "./fields.ts";

const names = { firstName: personName, lastName: personName };
const credential = { credential: z.string(), hash: z.string() };

export const userCommands = {
  CreateUser: z.object({
    username,
    email,
    ...names,
    phone,
    emailClaim: claimHold,
    usernameClaim: claimHold,
    homeRole: role,
    ...credential,
    temporary: z.boolean(),
    expiresAt: z.iso.datetime().optional(),
  }),
  AbandonUser: z.object({}),
  ChangeUserEmail: z.object({ email, claim: claimHold }),
  RenameUser: z.object(names),
  ChangeUserPhone: z.object({ phone }),
  ForfeitClaim: z.object({ claim: claimHold }),
  ResetPassword: z.object({ ...credential, expiresAt: z.iso.datetime() }),
  /** `verified` is the credential that the old password was checked against. */
  ChangePassword: z.object({ ...credential, verified: z.string() }),
  RequestPasswordReset: z.object({ request: z.string(), expiresAt: z.iso.datetime() }),
  RecoverPassword: z.object({ ...credential, request: z.string() }),
};

export const membershipCommands = {
  AddMember: z.object({ user: z.string(), role }),
  ChangeMemberRole: z.object({ role }),
  DeactivateMember: z.object({}),
  ReactivateMember: z.object({}),
};

export const claimCommands = {
  /** `instead` names the taking that was shut out and is replaced. */
  TakeClaim: z.object({ owner: z.string(), token: z.string(), instead: z.string().optional() }),
  ReleaseClaim: z.object({ token: z.string() }),
};

export const signInCommands = {
  AttemptSignIn: z.object({ attempt: z.string(), network: z.string() }),
  AcceptSignIn: z.object({ attempt: z.string(), credential: z.string() }),
  RejectSignIn: z.object({ attempt: z.string(), reason: signInFailure }),
  ClearSignInFailures: z.object({}),
};

/**
 * What people ask for where one request needs several streams or a secret: the product turns each
 * into the commands above. Forms and procedures share these schemas.
 */
export const accountRequests = {
  createPerson: z.object({
    username,
    email,
    ...names,
    phone: phone.default(""),
    role: role.default("member"),
    /** Left out: one is generated, mailed, and shown once. */
    password: password.optional(),
  }),
  changeEmail: z.object({ email }),
  signIn: z.object({ name: signInName, password: triedPassword }),
  changePassword: z.object({ current: triedPassword, password }),
  requestPasswordReset: z.object({ email }),
  recoverPassword: z.object({ token: z.string().min(1).max(512), password }),
};
