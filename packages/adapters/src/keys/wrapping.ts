import { randomBytes } from "node:crypto";
import type { Row } from "@daybook/projections";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { ServerKeys } from "./server-keys.ts";

/** A person's key, closed under the server's key of this id. */
export type KeyRow = Row & { wrapped: string; serverKey: string };

const NONCE = 12;

/** Closes the keys of people under the server's key, and opens them. */
export function wrapping(server: ServerKeys) {
  const cipher = (subject: string, nonce: Uint8Array) =>
    chacha20poly1305(server.derive("wrap"), nonce, new TextEncoder().encode(subject));
  return {
    wrap: (subject: string, key: Uint8Array): KeyRow => {
      const nonce = randomBytes(NONCE);
      const wrapped = Buffer.concat([nonce, cipher(subject, nonce).encrypt(key)]);
      return {
        id: subject,
        organization: "",
        wrapped: wrapped.toString("base64"),
        serverKey: server.id,
      };
    },
    unwrap: ({ id, wrapped, serverKey }: KeyRow): Uint8Array => {
      if (serverKey !== server.id)
        throw new Error(
          "the data was sealed under another server key: give the one it was made with",
        );
      const bytes = Buffer.from(wrapped, "base64");
      return cipher(id, bytes.subarray(0, NONCE)).decrypt(bytes.subarray(NONCE));
    },
  };
}
