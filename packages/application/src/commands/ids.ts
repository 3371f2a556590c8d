import { hash } from "node:crypto";

/**
 * A UUIDv7 (RFC 9562) that follows from another: its time, so that ids stay in order, and a hash of
 * the parts in place of the random bits. A retry derives the same ids again.
 */
export function deriveId(id: string, ...parts: (string | number)[]): string {
  const time = id.slice(0, 13).toLowerCase();
  const digest = hash("sha256", JSON.stringify([id, ...parts]), "hex");
  const variant = (8 | (Number.parseInt(digest.charAt(4), 16) & 3)).toString(16);
  const random = `${digest.slice(1, 4)}-${variant}${digest.slice(5, 8)}-${digest.slice(8, 20)}`;
  return `${time}-7${random}`;
}
