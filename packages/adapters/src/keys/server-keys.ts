import { createHmac, hkdfSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DamagedFile } from "../sqlite/damage.ts";

/**
 * What each key derived from the server's key is for (HKDF, RFC 5869). `claim` names claim streams
 * and can never be rotated: with another key no e-mail address would be found again.
 */
export type Purpose = "wrap" | "claim" | "secret" | "network";

export type ServerKeys = {
  /** Names the server's key beside what it has wrapped. */
  id: string;
  derive: (purpose: Purpose) => Uint8Array;
  /** HMAC-SHA-256 under the key of that purpose; the parts cannot run into each other. */
  mac: (purpose: Purpose, ...parts: string[]) => Buffer;
};

export function serverKeys(key: Buffer): ServerKeys {
  const derive = (purpose: Purpose | "id"): Uint8Array =>
    new Uint8Array(hkdfSync("sha256", key, "daybook", purpose, 32));
  const derived = new Map<Purpose, Uint8Array>();
  const of = (purpose: Purpose) => {
    const known = derived.get(purpose) ?? derive(purpose);
    derived.set(purpose, known);
    return known;
  };
  return {
    id: Buffer.from(derive("id")).toString("hex", 0, 8),
    derive: of,
    mac: (purpose, ...parts) =>
      createHmac("sha256", of(purpose)).update(JSON.stringify(parts)).digest(),
  };
}

/** The server's key: as it is given (base64, 32 bytes), else from the data folder, made once. */
export function loadServerKeys(folder: string, given: string | undefined): ServerKeys {
  if (given) return serverKeys(Buffer.from(given, "base64"));
  const file = join(folder, "server.key");
  if (!existsSync(file)) {
    // "wx" fails where another process was first; then its key is read below.
    try {
      writeFileSync(file, randomBytes(32).toString("base64"), {
        flag: "wx",
        mode: 0o600,
        flush: true,
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  const key = Buffer.from(readFileSync(file, "utf8"), "base64");
  if (key.length !== 32) throw new DamagedFile(file, "is damaged");
  return serverKeys(key);
}
