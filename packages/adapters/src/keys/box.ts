import { randomBytes } from "node:crypto";
import sodium from "libsodium-wrappers";

await sodium.ready;

const {
  crypto_aead_chacha20poly1305_ietf_NPUBBYTES: NONCE,
  crypto_aead_chacha20poly1305_ietf_encrypt: encrypt,
  crypto_aead_chacha20poly1305_ietf_decrypt: decrypt,
} = sodium;

/**
 * Closed boxes, in base64: a random nonce, and what ChaCha20-Poly1305 (RFC 8439) makes of the content,
 * tag behind. Each is bound to a name, so that it does not open in another's place. A random nonce
 * serves where a key closes far fewer than 2^32 boxes.
 */

/** Nonces drawn at once: the system's generator costs as much for many as for one. */
const NONCES = 256;
let drawn = randomBytes(0);
let spent = 0;

function nextNonce(): Uint8Array {
  if (spent === drawn.length) {
    drawn = randomBytes(NONCES * NONCE);
    spent = 0;
  }
  spent += NONCE;
  return drawn.subarray(spent - NONCE, spent);
}

/** Faster than what libsodium makes of text by itself. */
const bytesOf = (content: Uint8Array | string): Uint8Array =>
  typeof content === "string" ? Buffer.from(content) : content;

export function closeBox(content: Uint8Array | string, boundTo: string, key: Uint8Array): string {
  const nonce = nextNonce();
  const closed = encrypt(bytesOf(content), bytesOf(boundTo), null, nonce, key);
  return Buffer.concat([nonce, closed]).toString("base64");
}

/** Throws where it was closed under another key or for another name, or was changed. */
export function openBox(box: string, boundTo: string, key: Uint8Array): Uint8Array {
  const bytes = Buffer.from(box, "base64");
  const [nonce, closed] = [bytes.subarray(0, NONCE), bytes.subarray(NONCE)];
  return decrypt(null, closed, bytesOf(boundTo), nonce, key);
}
