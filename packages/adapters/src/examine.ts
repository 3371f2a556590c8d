import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "./config.ts";
import type { DocumentStore } from "./documents/port.ts";
import type { EventStore } from "./events/port.ts";
import { sizeOf } from "./files.ts";
import { holdsKeys, type Identity, readIdentity, recordIdentity } from "./keys/identity.ts";
import { DamagedFile, discardDatabase, inspectDatabase } from "./sqlite/damage.ts";

const databases = ["events.db", "state.db", "views.db"];
const written = [
  ...databases.flatMap((name) => [name, `${name}-wal`, `${name}-shm`]),
  "server.lock",
  "erasures.jsonl",
];

/** Read models up to this size are read through at each start, in less than 0.1 s; in bytes. */
const CHECKED_MAX = 32 * 1024 * 1024;
/** Their keys must be there: a key that was lost is one of those made last. */
const NEWEST_EVENTS = 2000;

/** Throws ConfigError for a file of an installation that this account cannot use. */
export function requireAccess(folder: string): void {
  const check = (name: string, mode: number, verb: string) => {
    const file = join(folder, name);
    if (!existsSync(file)) return;
    try {
      accessSync(file, mode);
    } catch {
      throw new ConfigError(
        `${file} cannot be ${verb} by this account: give it back to the one the server runs under`,
      );
    }
  };
  for (const name of written) check(name, constants.R_OK | constants.W_OK, "written");
  check("server.key", constants.R_OK, "read");
}

/** Set aside to be moved in place when all of it is there: then nothing else may be opened. */
export const RESTORING = "restoring";

/** What a look at the files of a folder found: whether their last commits may be lost. */
export type Found = { logCutOff: boolean; stateCutOff: boolean; notices: string[] };

/**
 * Looks at the files of an installation that no process uses. Read models that are damaged are
 * deleted, to be built again. Throws DamagedFile or ConfigError where that cannot be done.
 */
export function examineFolder(folder: string): Found {
  const file = (name: string) => join(folder, name);
  if (existsSync(file(RESTORING)))
    throw new ConfigError(
      `a restore into ${folder} was cut off: run  npx daybook restore --replace  again`,
    );
  const logCutOff = inspectDatabase(file("events.db"));
  const stateCutOff = inspectDatabase(file("state.db"));
  const notices: string[] = [];
  if (logCutOff) notices.push(`${file("events.db-wal")} was cut off: the last events may be lost`);
  if (stateCutOff)
    notices.push(`${file("state.db-wal")} was cut off: all sessions are ended, sign in again`);
  if (isDamaged(file("views.db"))) {
    discardDatabase(file("views.db"));
    notices.push(`${file("views.db")} was damaged: the read models are built again`);
  }
  return { logCutOff, stateCutOff, notices };
}

function isDamaged(views: string): boolean {
  try {
    inspectDatabase(views, sizeOf(views) <= CHECKED_MAX);
    return false;
  } catch (error) {
    if (error instanceof DamagedFile) return true;
    throw error;
  }
}

/** Throws where a part of the installation is missing that would otherwise be made anew, empty. */
export async function requireParts(
  folder: string,
  parts: readonly string[],
  state: DocumentStore,
): Promise<void> {
  if (!(await readIdentity(state))) return;
  for (const part of parts) requireContent(folder, part);
}

/** Throws where there is a log but nothing beside it that could open it. */
export function requireState(folder: string): void {
  if (sizeOf(join(folder, "events.db")) > 0) requireContent(folder, "state.db");
}

function requireContent(folder: string, part: string): void {
  const file = join(folder, part);
  if (sizeOf(file) > 0) return;
  throw new DamagedFile(file, existsSync(file) ? "is empty" : "is missing");
}

/** Where log and keys lie, in words for an operator. */
export type Places = { log: string; state: string };

/** Throws where log, keys and the server's key are not of one installation. Records that they are. */
export async function requireSameInstallation(
  places: Places,
  state: DocumentStore,
  log: EventStore,
  serverKey: string,
): Promise<void> {
  const identity: Identity = { logId: log.logId, serverKey };
  const known = await readIdentity(state);
  const head = await log.head();
  const keyed = await holdsKeys(state);
  if (known && known.serverKey !== serverKey)
    throw new ConfigError(
      `${places.state} was sealed under another server key: give the DAYBOOK_KEY or server.key it was made with`,
    );
  if (known && known.logId !== log.logId)
    throw new DamagedFile(places.log, `is not the log that ${places.state} belongs to`);
  // The first event of all comes before the first key.
  if (head === 0 && keyed) throw new DamagedFile(places.log, "has lost all events");
  if (head > 0 && !known && !keyed)
    throw new DamagedFile(places.state, "has lost the keys of the log");
  if (!known) await recordIdentity(state, identity);
}

/** Throws where the newest events cannot be opened: their keys were lost, or are of another log. */
export async function requireKeys({ state }: Places, events: EventStore): Promise<void> {
  try {
    for await (const _ of events.readAll({ direction: "backwards", limit: NEWEST_EVENTS }));
  } catch (error) {
    throw new DamagedFile(state, `has lost keys (${(error as Error).message})`);
  }
}
