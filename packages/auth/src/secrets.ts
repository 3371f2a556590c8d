import type { ServerKeys } from "@daybook/adapters";
import { constantTimeEqual } from "oslo/crypto";
import { base64url } from "oslo/encoding";

/**
 * Secrets are derived from a server key and the id of what they open, never stored: a worker can
 * send one after a crash, and a replay of the history shows none.
 */

const LENGTH = 16;
// Without the characters that are mistaken for one another when read out or typed.
const classes = ["ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz", "23456789", "#%+=?@_-"];
const alphabet = classes.join("");
/** The largest multiple of the alphabet's size in a byte: above it a byte would favour some. */
const FAIR = 256 - (256 % alphabet.length);

const fromBytes = (bytes: Uint8Array): string =>
  [...bytes]
    .filter((byte) => byte < FAIR)
    .map((byte) => alphabet[byte % alphabet.length])
    .slice(0, LENGTH)
    .join("");

const isMixed = (text: string): boolean =>
  text.length === LENGTH && classes.every((one) => [...text].some((char) => one.includes(char)));

/** The temporary password of a credential: 16 characters of all four classes, about 95 bits. */
export function temporaryPassword(keys: ServerKeys, user: string, credential: string): string {
  for (let round = 0; ; round++) {
    const text = fromBytes(keys.mac("secret", "temporary-password", user, credential, `${round}`));
    if (isMixed(text)) return text;
  }
}

const proof = (keys: ServerKeys, user: string, request: string): Uint8Array =>
  new Uint8Array(keys.mac("secret", "reset-link", user, request));

/** What a reset link carries: whose it is, which request, and 256 bits that only we can make. */
export const resetToken = (keys: ServerKeys, user: string, request: string): string =>
  [user, request, base64url.encode(proof(keys, user, request), { includePadding: false })].join(
    ".",
  );

/** Whom and which request a token of ours names; nothing for any other text. */
export function readResetToken(
  keys: ServerKeys,
  token: string,
): { user: string; request: string } | undefined {
  const [user, request, given] = token.split(".");
  if (!user || !request || !given) return undefined;
  const expected = resetToken(keys, user, request);
  const encoder = new TextEncoder();
  return constantTimeEqual(encoder.encode(token), encoder.encode(expected))
    ? { user, request }
    : undefined;
}
