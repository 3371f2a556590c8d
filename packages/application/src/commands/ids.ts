import { hash } from "node:crypto";
import { parse, stringify } from "uuid";

/**
 * A UUIDv7 (RFC 9562) that follows from another: its time, so that ids stay in order, and a hash of
 * the parts in place of the random bits. A retry derives the same ids again.
 */
export function deriveId(id: string, ...parts: (string | number)[]): string {
  const bytes = parse(id).slice(0, 6);
  const digest = hash("sha256", JSON.stringify([id, ...parts]), "buffer");
  const derived = Buffer.concat([bytes, digest.subarray(0, 10)]);
  derived[6] = 0x70 | ((derived[6] as number) & 0x0f);
  derived[8] = 0x80 | ((derived[8] as number) & 0x3f);
  return stringify(derived);
}
