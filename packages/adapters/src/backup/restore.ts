import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Config } from "../config.ts";
import { openSqliteDocuments } from "../documents/sqlite.ts";
import { RESTORING } from "../examine.ts";
import { sync } from "../files.ts";
import { type Erasure, ledgerOf, readErasures, recordErasures } from "../keys/erasures.ts";
import { openKeyring } from "../keys/keyring.ts";
import { fileLedger } from "../keys/ledger.ts";
import { loadServerKeys } from "../keys/server-keys.ts";
import { endSessions, prepareFolder } from "../open.ts";
import { lockFolder } from "../sqlite/lock.ts";
import { emptyWal } from "../sqlite/wal.ts";
import { checkFiles, type Manifest, readManifest } from "./manifest.ts";
import type { Work } from "./progress.ts";
import { verifyCopies } from "./verify.ts";

export type RestoreOptions = Work & {
  config: Pick<Config, "data" | "key">;
  /** The back-up. */
  source: string;
  /** Whether an installation that is there is moved aside. */
  replace: boolean;
  /** Another ledger of erasures, as of a disk that was lost with all else on it. */
  erasures: string | undefined;
  now: () => Date;
};

export type Restored = {
  manifest: Manifest;
  /** How many people's keys were erased again. */
  erased: number;
  /** Where the installation lies that was there before. */
  replaced: string | undefined;
};

/** Stay where they are: the lock is held, the ledger only ever grows. */
const staying = (name: string): boolean =>
  ["erasures.jsonl", RESTORING].includes(name) || /^(server\.lock|replaced-)/.test(name);

/**
 * Puts a back-up in the place of the data folder's content. It is prepared within the folder, its
 * sessions ended and the ledgers' keys erased in it, before anything that was there is moved. From
 * then on a start is refused until all is in place, and running it again finishes it.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { config, source, replace } = options;
  const { data } = config;
  const manifest = readManifest(source);
  await checkFiles(source, manifest, options.signal);
  prepareFolder(data);
  const unlock = lockFolder(data);
  const part = join(data, `${RESTORING}.part`);
  try {
    if (!replace && isInstallation(data))
      throw new Error(`there is an installation in ${data}: --replace moves it aside`);
    rmSync(part, { recursive: true, force: true });
    const erased = await prepare(part, manifest, options);
    options.signal.throwIfAborted();
    return { manifest, erased, replaced: moveInPlace(data, part, options.now()) };
  } finally {
    rmSync(part, { recursive: true, force: true });
    unlock();
  }
}

const isInstallation = (folder: string): boolean =>
  ["events.db", "state.db", "server.key", RESTORING].some((name) => existsSync(join(folder, name)));

/** Copies the back-up, and applies to the copy what was decided since it was made. */
async function prepare(part: string, manifest: Manifest, options: RestoreOptions): Promise<number> {
  const { config, source, signal } = options;
  mkdirSync(part);
  for (const { name } of manifest.files) {
    signal.throwIfAborted();
    await copyFile(join(source, name), join(part, name));
  }
  const keys = loadServerKeys(part, config.key);
  if (keys.id !== manifest.serverKey)
    throw new Error(`${source} was sealed under another server key: give its DAYBOOK_KEY`);
  await verifyCopies(part, manifest, keys, options);

  const erasures = gatherErasures(options);
  rmSync(ledgerOf(part), { force: true });
  recordErasures(ledgerOf(part), erasures);
  const file = join(part, "state.db");
  const state = await openSqliteDocuments(file, "FULL");
  try {
    await endSessions(state);
    // Opening them beside the ledger erases whom it names.
    await openKeyring(state, keys, fileLedger(part), () => emptyWal(file));
  } finally {
    await state.close();
  }
  rmSync(ledgerOf(part), { force: true });
  for (const name of readdirSync(part)) sync(join(part, name));
  sync(part);
  return erasures.length;
}

/** Everybody who was erased, by all ledgers there are; the folder's own names them all from now on. */
function gatherErasures({ config, source, erasures }: RestoreOptions): Erasure[] {
  if (erasures !== undefined && !existsSync(erasures)) throw new Error(`${erasures} is missing`);
  const own = readErasures(ledgerOf(config.data));
  const others = [ledgerOf(source), ...(erasures ? [erasures] : [])].flatMap(readErasures);
  const known = new Set(own.map(({ subject }) => subject));
  const added = others.filter(({ subject }) => !known.has(subject) && known.add(subject));
  // Before anything is moved: whatever is restored later is erased again.
  recordErasures(ledgerOf(config.data), added);
  return [...own, ...added];
}

/** Moves aside what is there, and what was prepared in its place. */
function moveInPlace(data: string, part: string, now: Date): string | undefined {
  const ready = join(data, RESTORING);
  const old = readdirSync(data).filter((name) => !staying(name) && name !== basename(part));
  const time = now.toISOString().replaceAll(/[:.]/g, "-");
  const aside = old.length > 0 ? mkdtempSync(join(data, `replaced-${time}-`)) : undefined;
  rmSync(ready, { recursive: true, force: true });
  renameSync(part, ready);
  sync(data);
  if (aside) for (const name of old) renameSync(join(data, name), join(aside, name));
  for (const name of readdirSync(ready)) renameSync(join(ready, name), join(data, name));
  sync(data);
  rmSync(ready, { recursive: true });
  sync(data);
  return aside;
}
