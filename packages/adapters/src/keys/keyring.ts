import { randomBytes } from "node:crypto";
import type { Row } from "@daybook/projections";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { DocumentStore } from "../documents/port.ts";
import type { ServerKeys } from "./server-keys.ts";

/** A person's key, closed under the server's key of this id. */
type KeyRow = Row & { wrapped: string; serverKey: string };

const COLLECTION = "keys";
const NONCE = 12;
/** Opened keys held in memory: 10,000 people at work at once. */
const CACHE_MAX = 10_000;

export class KeyErased extends Error {
  override readonly name = "KeyErased";
}

export type Keyring = {
  /** The key of a person, made durable before it is first given out. Throws KeyErased. */
  keyFor: (subject: string) => Promise<Uint8Array>;
  /** The keys that are there; `null` where it was erased. */
  find: (subjects: readonly string[]) => Promise<Map<string, Uint8Array | null>>;
};

/** The keys that seal people's data, one a person, in the store of what is not derived. */
export async function openKeyring(state: DocumentStore, server: ServerKeys): Promise<Keyring> {
  await state.ensure({ name: COLLECTION, indexes: [] });
  const cache = new Map<string, Uint8Array>();

  function remember(subject: string, key: Uint8Array): Uint8Array {
    if (cache.size >= CACHE_MAX) cache.delete(cache.keys().next().value as string);
    cache.set(subject, key);
    return key;
  }

  const cipher = (subject: string, nonce: Uint8Array) =>
    chacha20poly1305(server.derive("wrap"), nonce, new TextEncoder().encode(subject));

  function wrap(subject: string, key: Uint8Array): KeyRow {
    const nonce = randomBytes(NONCE);
    const wrapped = Buffer.concat([nonce, cipher(subject, nonce).encrypt(key)]);
    return {
      id: subject,
      organization: "",
      wrapped: wrapped.toString("base64"),
      serverKey: server.id,
    };
  }

  function unwrap({ id, wrapped, serverKey }: KeyRow): Uint8Array {
    if (serverKey !== server.id)
      throw new Error(
        "the data was sealed under another server key: give the one it was made with",
      );
    const bytes = Buffer.from(wrapped, "base64");
    return cipher(id, bytes.subarray(0, NONCE)).decrypt(bytes.subarray(NONCE));
  }

  async function find(subjects: readonly string[]) {
    const found = new Map<string, Uint8Array | null>();
    const missing: string[] = [];
    for (const subject of subjects) {
      const key = cache.get(subject);
      if (key) found.set(subject, key);
      else missing.push(subject);
    }
    if (missing.length === 0) return found;
    for (const { id, row } of await state.getMany<KeyRow>(COLLECTION, missing))
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
      const lost = await state.write(COLLECTION, [
        { id: subject, row, guard: 0, after: undefined },
      ]);
      if (lost.length === 0) return remember(subject, key);
    }
  }

  return { keyFor, find };
}
