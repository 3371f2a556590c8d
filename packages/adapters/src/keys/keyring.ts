import { randomBytes } from "node:crypto";
import type { DocumentStore } from "../documents/port.ts";
import { recentlyUsed } from "../recent.ts";
import type { Ledger } from "./ledger.ts";
import type { ServerKeys } from "./server-keys.ts";
import { type KeyRow, wrapping } from "./wrapping.ts";

export const KEYS = "keys";
/** Opened keys held in memory, at least: so many people at work at once. */
const HELD = 10_000;

export class KeyErased extends Error {
  override readonly name = "KeyErased";
}

export type Keyring = {
  /** The key of a person, made durable before it is first given out. Throws KeyErased. */
  keyFor: (subject: string) => Promise<Uint8Array>;
  /** The keys that are there; `null` where it was erased. */
  find: (subjects: readonly string[]) => Promise<Map<string, Uint8Array | null>>;
  /**
   * Deletes the key of a person for good, also one that was never made. Safe to repeat: where it
   * fails on the way, the next opening of the keyring finishes it.
   */
  erase: (subject: string, at: Date) => Promise<void>;
};

/**
 * The keys that seal people's data, one a person, in the store of what is not derived. The ledger of
 * erasures is in force before it is opened: keys that an older copy brought back are erased again.
 * `onErased` is told when keys were deleted, for what the store itself may leave of them.
 */
export async function openKeyring(
  state: DocumentStore,
  server: ServerKeys,
  ledger: Ledger,
  onErased: () => void = () => {},
): Promise<Keyring> {
  await state.ensure({ name: KEYS, indexes: [] });
  const { wrap, unwrap } = wrapping(server);
  const cache = recentlyUsed<Uint8Array>(HELD);
  let erased: ReadonlySet<string> = new Set();

  function adopt(named: ReadonlySet<string>) {
    if (named === erased) return;
    erased = named;
    for (const subject of erased) cache.delete(subject);
  }

  /** Another process names in the ledger whom it erases, before it does. A promise where it is read. */
  function followLedger(): void | Promise<void> {
    const named = ledger.subjects();
    return named instanceof Promise ? named.then(adopt) : adopt(named);
  }

  function remember(subject: string, key: Uint8Array): Uint8Array {
    // The ledger comes first: the key of somebody named there may be gone at any moment.
    if (!erased.has(subject)) cache.set(subject, key);
    return key;
  }

  /** Leaves a tombstone in place of each key, so that it is never made again. */
  async function bury(subjects: readonly string[]) {
    let open = subjects;
    let changed = false;
    while (open.length > 0) {
      const found = new Map((await state.getMany(KEYS, open)).map((one) => [one.id, one]));
      const writes = open
        .filter((id) => found.get(id)?.row !== null)
        .map((id) => {
          const after = found.get(id)?.guard;
          return { id, row: null, guard: (after ?? 0) + 1, after };
        });
      open = writes.length > 0 ? await state.write(KEYS, writes) : [];
      changed ||= writes.length > 0;
    }
    if (changed) onErased();
  }

  async function find(subjects: readonly string[]) {
    await followLedger();
    const found = new Map<string, Uint8Array | null>();
    const missing: string[] = [];
    for (const subject of subjects) {
      const key = cache.get(subject);
      if (key) found.set(subject, key);
      else missing.push(subject);
    }
    if (missing.length === 0) return found;
    for (const { id, row } of await state.getMany<KeyRow>(KEYS, missing))
      found.set(id, row && remember(id, unwrap(row)));
    return found;
  }

  async function keyFor(subject: string): Promise<Uint8Array> {
    for (;;) {
      const known = (await find([subject])).get(subject);
      if (known) return known;
      if (known === null) throw new KeyErased(subject);
      const key = randomBytes(32);
      const row = wrap(subject, key);
      // Made once: whoever loses the race reads the winner's key.
      const lost = await state.write(KEYS, [{ id: subject, row, guard: 0, after: undefined }]);
      if (lost.length === 0) return remember(subject, key);
    }
  }

  await followLedger();
  await bury([...erased]);

  return {
    keyFor,
    find,
    erase: async (subject, at) => {
      await ledger.record({ subject, at: at.toISOString() });
      await followLedger();
      await bury([subject]);
    },
  };
}
