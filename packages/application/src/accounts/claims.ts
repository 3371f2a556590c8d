import {
  type ClaimHold,
  type ClaimHolder,
  claim,
  conflict,
  evolve,
  Refusal,
  streamName,
  user,
} from "@daybook/domain";
import type { App } from "../app.ts";
import { type Envelope, step } from "../commands/command-path.ts";
import { deriveId } from "../commands/ids.ts";

/** The values that one person at most may use. */
export type Unique = "email" | "username";

/**
 * A creation that others may be waiting for is not shut out before this: a live one takes
 * milliseconds. Safety does not rest on it, an owner that was only paused fails on its own append.
 */
const GRACE_MS = 30_000;

export const claimName = ({ keys }: Pick<App, "keys">, kind: Unique, value: string): string =>
  keys.mac("claim", kind, value).toString("base64url");

/** Who holds the value, as the claim's stream says; they may not use it (any more). */
export async function holderOf(
  app: Pick<App, "events">,
  name: string,
): Promise<ClaimHolder | undefined> {
  let state: { holder?: ClaimHolder } = claim.initial;
  for await (const event of app.events.readStream(streamName(claim, name)))
    state = evolve(claim as never, state, event) as typeof state;
  return state.holder;
}

/**
 * The id of the person who holds this username or e-mail address, as the log says: read models are
 * not asked, so that it can be told where there are none.
 *
 * @example await personNamed(stores, "ada@example.com")
 */
export async function personNamed(
  app: Pick<App, "keys" | "events">,
  name: string,
): Promise<string | undefined> {
  const kind: Unique = name.includes("@") ? "email" : "username";
  return (await holderOf(app, claimName(app, kind, name)))?.owner;
}

const isRefused = (error: unknown, code: string): error is Refusal =>
  error instanceof Refusal && error.code === code;

/**
 * Shuts an owner out of a taking that they do not use: whatever they still try with it is refused.
 * Throws `claim/in-use` or `user/exists` where they do use it.
 */
async function shutOut(app: App, owner: string, hold: ClaimHold, envelope: Envelope) {
  const about = { ...step(envelope, "shut-out", hold.name, hold.token), subject: owner };
  try {
    await app.execute(user, owner, { type: "ForfeitClaim", data: { claim: hold } }, about);
  } catch (error) {
    if (!isRefused(error, "user/unknown")) throw error;
    await app.execute(user, owner, { type: "AbandonUser", data: {} }, about);
  }
}

/**
 * Takes a value for a person, or refuses `user/<kind>-taken`. A taking that its owner never came to
 * use is taken over.
 */
export async function takeClaim(
  app: App,
  kind: Unique,
  value: string,
  owner: string,
  envelope: Envelope,
): Promise<ClaimHold> {
  // Named by whom it is for too: one command id sent for two people must not let both use the value.
  const token = deriveId(envelope.commandId, "hold", owner);
  const hold = { name: claimName(app, kind, value), token };
  const ask = (about: Envelope, instead?: string) =>
    app.execute(
      claim,
      hold.name,
      { type: "TakeClaim", data: { owner, token: hold.token, ...(instead && { instead }) } },
      about,
    );
  async function take(instead?: string) {
    const name = ["take", kind, owner, ...(instead ? [instead] : [])];
    const { repeated, revision } = await ask(step(envelope, ...name), instead);
    if (!repeated || (await holderOf(app, hold.name))?.token === hold.token) return;
    // This command had it before, and gave it free or was shut out: it has to ask again.
    await ask(step(envelope, ...name, `after ${revision}`));
  }
  try {
    await take();
  } catch (error) {
    if (!isRefused(error, "claim/taken")) throw error;
    const held = error.details as ClaimHolder;
    const taken = () => conflict(`user/${kind}-taken`, { field: kind });
    if (app.now().getTime() - Date.parse(held.at) < GRACE_MS) throw taken();
    try {
      await shutOut(app, held.owner, { name: hold.name, token: held.token }, envelope);
      await take(held.token);
    } catch (refused) {
      if (refused instanceof Refusal && refused.kind === "conflict") throw taken();
      throw refused;
    }
  }
  return hold;
}

export async function releaseClaim(app: App, hold: ClaimHold, envelope: Envelope): Promise<void> {
  await app.execute(
    claim,
    hold.name,
    { type: "ReleaseClaim", data: { token: hold.token } },
    step(envelope, "release", hold.name),
  );
}
