import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** SQLite's result code where somebody else holds the lock. */
const BUSY = 5;
/** An operator's command looks whether a server runs: it holds the lock for less than this. */
const LOOK_MS = 500;

/** The folders that this process holds. */
const held = new Set<string>();

/**
 * Holds a folder for one server process. The lock is the operating system's on an open file, so it
 * ends with the process, however it dies. Returns what gives it up; throws when it is taken.
 */
export function lockFolder(folder: string): () => void {
  const lock = take(folder, LOOK_MS);
  if (!lock) throw new Error(`another server is running on ${folder}`);
  held.add(folder);
  return () => {
    held.delete(folder);
    lock.close();
  };
}

/** Whether a server in another process holds the folder. */
export function isServedElsewhere(folder: string): boolean {
  if (held.has(folder)) return false;
  const lock = take(folder, 0);
  lock?.close();
  return lock === undefined;
}

function take(folder: string, timeoutMs: number): DatabaseSync | undefined {
  const file = join(folder, "server.lock");
  const db = new DatabaseSync(file, { timeout: timeoutMs });
  try {
    db.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
    return db;
  } catch (error) {
    db.close();
    if ((error as { errcode?: number }).errcode === BUSY) return undefined;
    throw new Error(`${file} cannot be locked: ${(error as Error).message}`);
  }
}
