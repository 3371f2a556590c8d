import { hashPassword, temporaryPassword } from "@daybook/auth";
import {
  type accountRequests,
  type ClaimHold,
  invalid,
  membership,
  membershipId,
  type PasswordContext,
  passwordWeakness,
  Refusal,
  user,
} from "@daybook/domain";
import type { AccountRow } from "@daybook/projections";
import type { z } from "zod";
import type { App } from "../app.ts";
import { type Envelope, type Options, type Outcome, step } from "../commands/command-path.ts";
import { deriveId } from "../commands/ids.ts";
import { claimName, releaseClaim, takeClaim } from "./claims.ts";
import { homeAccount, readAccount } from "./read.ts";

type Request<K extends keyof typeof accountRequests> = z.output<(typeof accountRequests)[K]>;

/** A temporary password opens the account for a week. */
export const TEMPORARY_MS = 7 * 24 * 3_600_000;

/** What only the asker learns, once. */
export type WithSecret = { temporaryPassword?: string };

/**
 * Whether a failure means that nothing was recorded. Only then may a claim be given free; where a
 * store did not answer, the retry goes on with it, or somebody takes it over.
 */
const isDefinite = (error: unknown): boolean =>
  error instanceof Refusal && error.kind !== "unavailable";

export function refuseWeak(password: string, context: PasswordContext): void {
  const weakness = passwordWeakness(password, context);
  if (weakness) throw invalid(`password/${weakness}`, { field: "password" });
}

/** A fresh temporary password: the same again for a retry of the same command. */
export async function temporary(app: App, person: string, { commandId }: Envelope) {
  const credential = deriveId(commandId, "credential");
  const password = temporaryPassword(app.keys, person, credential);
  const hash = await hashPassword(password);
  const expiresAt = new Date(app.now().getTime() + TEMPORARY_MS).toISOString();
  return { password, data: { credential, hash, expiresAt } };
}

/** Creates a person and their place in the organization, with a password given or generated. */
export async function createPerson(
  app: App,
  input: Request<"createPerson">,
  envelope: Envelope,
): Promise<Outcome & WithSecret & { user: string }> {
  const { password, role: _, ...identity } = input;
  if (password !== undefined) refuseWeak(password, identity);
  const person = deriveId(envelope.commandId, "user");
  // The same request twice at once would release as refused what the other goes on to use.
  return app.takeTurns(person, () =>
    createOnce(app, person, input, { ...envelope, subject: person }),
  );
}

async function createOnce(
  app: App,
  person: string,
  input: Request<"createPerson">,
  about: Envelope,
): Promise<Outcome & WithSecret & { user: string }> {
  const { role } = input;
  // A repeated command has made the person already, who may have given the claims free since.
  const existing = await readAccount(app, person);
  const { outcome, ...secret } = existing
    ? await createUser(app, person, { ...input, ...claimsOf(existing) }, about)
    : await claimAndCreate(app, person, input, about);
  const added = await addMember(app, person, role, about);
  return { ...outcome, position: added.position, user: person, ...secret };
}

const claimsOf = ({ emailClaim, usernameClaim }: AccountRow) => ({ emailClaim, usernameClaim });

type Created = { outcome: Outcome } & WithSecret;

async function claimAndCreate(
  app: App,
  person: string,
  input: Request<"createPerson">,
  about: Envelope,
): Promise<Created> {
  const emailClaim = await takeClaim(app, "email", input.email, person, about);
  let usernameClaim: ClaimHold | undefined;
  try {
    usernameClaim = await takeClaim(app, "username", input.username, person, about);
    return await createUser(app, person, { ...input, emailClaim, usernameClaim }, about);
  } catch (error) {
    for (const claim of [emailClaim, usernameClaim])
      if (claim && isDefinite(error)) await releaseClaim(app, claim, about);
    throw error;
  }
}

async function createUser(
  app: App,
  person: string,
  input: Request<"createPerson"> & Record<"emailClaim" | "usernameClaim", ClaimHold>,
  about: Envelope,
): Promise<Created> {
  const { password, role, ...identity } = input;
  const generated = password === undefined ? await temporary(app, person, about) : undefined;
  const credential = generated?.data ?? {
    credential: deriveId(about.commandId, "credential"),
    hash: await hashPassword(password as string),
  };
  const data = {
    ...identity,
    homeRole: role,
    ...credential,
    temporary: generated !== undefined,
  };
  const outcome = await app.execute(user, person, { type: "CreateUser", data }, about);
  return { outcome, ...(generated && { temporaryPassword: generated.password }) };
}

/** Adds the person to their home organization; harmless where it was done. */
export const addMember = (
  app: App,
  person: string,
  role: Request<"createPerson">["role"],
  about: Envelope,
): Promise<Outcome> =>
  app.execute(
    membership,
    membershipId(about.organization, person),
    { type: "AddMember", data: { user: person, role } },
    step(about, "add-member", person),
  );

/** Gives a person another e-mail address, and the old one free. */
export const changeEmail = (
  app: App,
  person: string,
  request: Request<"changeEmail">,
  envelope: Envelope,
  options: Options,
): Promise<Outcome> =>
  app.takeTurns(person, () => changeEmailOnce(app, person, request, envelope, options));

async function changeEmailOnce(
  app: App,
  person: string,
  { email }: Request<"changeEmail">,
  envelope: Envelope,
  options: Options,
): Promise<Outcome> {
  const about = { ...envelope, subject: person };
  const account = await homeAccount(app, envelope.organization, person);
  const change = (claim: ClaimHold) =>
    app.execute(user, person, { type: "ChangeUserEmail", data: { email, claim } }, about, options);
  if (account.emailClaim.name === claimName(app, "email", email)) return change(account.emailClaim);
  const claim = await takeClaim(app, "email", email, person, about);
  let outcome: Outcome;
  try {
    outcome = await change(claim);
  } catch (error) {
    if (isDefinite(error)) await releaseClaim(app, claim, about);
    throw error;
  }
  // Of a change repeated late neither need be the address in use; the one that is stays held.
  const used = (await readAccount(app, person))?.emailClaim.name;
  for (const one of [account.emailClaim, claim])
    if (one.name !== used) await releaseClaim(app, one, about);
  return outcome;
}
