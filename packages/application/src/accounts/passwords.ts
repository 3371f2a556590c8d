import { hashPassword, readResetToken, verifyPassword } from "@daybook/auth";
import {
  type accountRequests,
  invalid,
  isErased,
  type Refusal,
  signIn,
  unlessErased,
  user,
} from "@daybook/domain";
import type { AccountRow } from "@daybook/projections";
import type { z } from "zod";
import type { App } from "../app.ts";
import { type Envelope, type Options, type Outcome, step } from "../commands/command-path.ts";
import { deriveId } from "../commands/ids.ts";
import { claimName, holderOf, type Unique } from "./claims.ts";
import { refuseWeak, temporary, type WithSecret } from "./people.ts";
import { homeAccount, readAccount } from "./read.ts";

type Request<K extends keyof typeof accountRequests> = z.output<(typeof accountRequests)[K]>;

/** A reset link opens the account once, within a day (row P9). */
const LINK_MS = 24 * 3_600_000;

/** The hash that a password is verified against; nothing before the first or after the erasing. */
export const hashOf = ({ hash }: AccountRow): string | undefined => unlessErased(hash) || undefined;

const contextOf = ({ username, email, firstName, lastName }: AccountRow) =>
  Object.fromEntries(
    Object.entries({ username, email, firstName, lastName }).filter(
      ([, value]) => !isErased(value),
    ),
  ) as Record<string, string>;

/** The account that uses this e-mail address or username now. */
export async function accountOf(app: App, kind: Unique, value: string) {
  const name = claimName(app, kind, value);
  const owner = (await holderOf(app, name))?.owner;
  const account = owner ? await readAccount(app, owner) : undefined;
  const claim = kind === "email" ? account?.emailClaim : account?.usernameClaim;
  // A claim may be left over from an owner who no longer uses the value.
  return { name, account: claim?.name === name ? account : undefined };
}

const clearFailures = (app: App, person: string, about: Envelope) =>
  app.execute(signIn, person, { type: "ClearSignInFailures", data: {} }, step(about, "clear"));

/** Gives a person a temporary password, which is mailed, and shown to the asker once. */
export async function resetPassword(
  app: App,
  person: string,
  envelope: Envelope,
  options: Options,
): Promise<Outcome & WithSecret> {
  await homeAccount(app, envelope.organization, person);
  const about = { ...envelope, subject: person };
  const { password, data } = await temporary(app, person, about);
  const outcome = await app.execute(user, person, { type: "ResetPassword", data }, about, options);
  await clearFailures(app, person, about);
  return { ...outcome, temporaryPassword: password };
}

/**
 * Changes one's own password. The old one is a guess like any other: counted before it is checked,
 * under an id of this attempt, so that a repeated command cannot guess for free.
 */
export async function changePassword(
  app: App,
  person: string,
  { current, password }: Request<"changePassword">,
  envelope: Envelope,
  attempt: { id: string; network: string },
): Promise<Outcome> {
  const account = await homeAccount(app, envelope.organization, person);
  // What is wrong with the new one is said first: it is no guess, and must not count as one.
  if (password === current) throw invalid("password/same", { field: "password" });
  refuseWeak(password, contextOf(account));
  const about = { ...envelope, subject: person };
  const guess = { ...about, commandId: attempt.id };
  const wrong = (): Refusal => invalid("password/wrong", { field: "current" });
  const { events } = await app.execute(
    signIn,
    person,
    { type: "AttemptSignIn", data: { attempt: attempt.id, network: attempt.network } },
    guess,
  );
  if (events[0]?.type !== "SignInAttempted") throw wrong();
  if (!(await verifyPassword(hashOf(account), current))) {
    const data = { attempt: attempt.id, reason: "wrong-password" } as const;
    await app.execute(signIn, person, { type: "RejectSignIn", data }, step(guess, "reject"));
    throw wrong();
  }
  const data = {
    credential: deriveId(envelope.commandId, "credential"),
    hash: await hashPassword(password),
    verified: account.credential,
  };
  const outcome = await app.execute(user, person, { type: "ChangePassword", data }, about);
  await clearFailures(app, person, guess);
  return outcome;
}

/** Mails a reset link where the address is someone's; the answer does not tell. */
export async function requestPasswordReset(
  app: App,
  { email }: Request<"requestPasswordReset">,
  envelope: Envelope,
): Promise<void> {
  const { account } = await accountOf(app, "email", email);
  if (!account) return;
  const data = {
    request: deriveId(envelope.commandId, "request"),
    expiresAt: new Date(app.now().getTime() + LINK_MS).toISOString(),
  };
  const about = { ...envelope, organization: account.organization, subject: account.id };
  await app.execute(user, account.id, { type: "RequestPasswordReset", data }, about);
}

/** Sets a new password by a link, which is spent with it. */
export async function recoverPassword(
  app: App,
  { token, password }: Request<"recoverPassword">,
  envelope: Envelope,
): Promise<Outcome> {
  const named = readResetToken(app.keys, token);
  const account = named && (await readAccount(app, named.user));
  if (!account) throw invalid("user/reset-link-spent");
  refuseWeak(password, contextOf(account));
  const about = {
    ...envelope,
    actor: { kind: "user", id: account.id } as const,
    organization: account.organization,
    subject: account.id,
  };
  const data = {
    request: named.request,
    credential: deriveId(envelope.commandId, "credential"),
    hash: await hashPassword(password),
  };
  const outcome = await app.execute(user, account.id, { type: "RecoverPassword", data }, about);
  await clearFailures(app, account.id, about);
  return outcome;
}
