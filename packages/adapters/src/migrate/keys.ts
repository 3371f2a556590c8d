import { copyFileSync, existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../config.ts";
import type { Document, DocumentStore, GuardedWrite } from "../documents/port.ts";
import type { StoreSettings } from "../engines.ts";
import { sync } from "../files.ts";
import { KEYS } from "../keys/keyring.ts";
import type { Ledger } from "../keys/ledger.ts";
import { loadServerKeys } from "../keys/server-keys.ts";
import type { KeyRow } from "../keys/wrapping.ts";

/** Written at once. */
const PAGE = 500;

type Key = Document<KeyRow>;

/** What brings the target's key up to the source's; nothing where it is that already. */
function writeOf({ id, row, guard }: Key, there: Key | undefined): GuardedWrite | undefined {
  if (!there) return { id, row, guard, after: undefined };
  // What was erased on either side stays erased.
  if (there.row === null) return undefined;
  if (row === null) return { id, row, guard: there.guard + 1, after: there.guard };
  if (row.wrapped === there.row.wrapped) return undefined;
  throw new ConfigError(`the target holds another key of ${id}: give a target that is empty`);
}

/** Copies the keys of people as they are, closed under the server's key. Returns how many there are. */
export async function copyKeys(from: DocumentStore, to: DocumentStore): Promise<number> {
  await from.ensure({ name: KEYS, indexes: [] });
  await to.ensure({ name: KEYS, indexes: [] });
  let keys = 0;
  let page: Key[] = [];
  async function flush() {
    const ids = page.map(({ id }) => id);
    const there = new Map((await to.getMany<KeyRow>(KEYS, ids)).map((one) => [one.id, one]));
    const writes = page.flatMap((key) => writeOf(key, there.get(key.id)) ?? []);
    const lost = writes.length > 0 ? await to.write(KEYS, writes) : [];
    if (lost.length > 0) throw new Error("another process writes keys into the target");
    keys += page.length;
    page = [];
  }
  for await (const key of from.scan<KeyRow>(KEYS)) {
    page.push(key);
    if (page.length === PAGE) await flush();
  }
  await flush();
  return keys;
}

/** Adds to a ledger whom another names. Returns how many it did not name. */
export async function copyErasures(from: Ledger, to: Ledger): Promise<number> {
  const known = await to.subjects();
  const added = (await from.entries()).filter(({ subject }) => !known.has(subject));
  for (const erasure of added) await to.record(erasure);
  return added.length;
}

/** Throws where the target's folder holds a server's key, and not the source's. */
export function requireSameKey({ data, key }: StoreSettings, id: string): void {
  if (key || !existsSync(join(data, "server.key"))) return;
  if (loadServerKeys(data, undefined).id !== id)
    throw new ConfigError(`${join(data, "server.key")} is not the source's`);
}

/** Copies the server's key, where it is kept in a folder, and the target's is another. */
export function copyServerKey(from: StoreSettings, { data, key }: StoreSettings): void {
  const target = join(data, "server.key");
  if (key || existsSync(target)) return;
  const part = `${target}.part`;
  rmSync(part, { force: true });
  copyFileSync(join(from.data, "server.key"), part);
  sync(part);
  renameSync(part, target);
  sync(data);
}
