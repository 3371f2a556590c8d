import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Config } from "../config.ts";
import { sync } from "../files.ts";
import { loadServerKeys } from "../keys/server-keys.ts";
import { copyDatabase, copyPlain } from "./copy.ts";
import { describeFiles, type Manifest, writeManifest } from "./manifest.ts";
import type { Work } from "./progress.ts";
import { describeLog, verifyCopies } from "./verify.ts";

export type BackupOptions = Work & {
  config: Pick<Config, "data" | "key">;
  /** Where to: a folder that is not there yet, or is empty. */
  target: string;
  /** The program's own version. */
  version: string;
  now: () => Date;
};

/**
 * Copies a stopped or running installation, and reads the copy to its end. The log comes first, then
 * the keys: a key is stored before the first event that needs it, so every event has its key. It is
 * made beside the target and renamed when it is complete; whatever ends it early leaves no target.
 */
export async function makeBackup(options: BackupOptions): Promise<Manifest> {
  const { target } = options;
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new Error(`${target} is not empty: give a folder that is not there yet`);
  // What is made here is for the account it runs under alone.
  process.umask(0o077);
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(`${target}.incomplete-`);
  try {
    const manifest = await fill(folder, options);
    sync(folder);
    renameSync(folder, target);
    sync(dirname(target));
    return manifest;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function fill(folder: string, options: BackupOptions): Promise<Manifest> {
  const { config, version, now } = options;
  const { data, key } = config;
  const madeAt = now().toISOString();
  const seen = await copyDatabase(join(data, "events.db"), folder, describeLog, options);
  await copyDatabase(join(data, "state.db"), folder, () => undefined, options);
  // Behind the keys: it names everybody whose key was erased before they were copied, and more.
  const names = ["events.db", "state.db"];
  for (const name of [...(key ? [] : ["server.key"]), "erasures.jsonl"])
    if (await copyPlain(data, folder, name)) names.push(name);
  const keys = loadServerKeys(folder, key);
  await verifyCopies(folder, seen, keys, options);
  const files = await describeFiles(folder, names, options.signal);
  const manifest = { format: 1, version, madeAt, ...seen, serverKey: keys.id, files } as const;
  writeManifest(folder, manifest);
  return manifest;
}
