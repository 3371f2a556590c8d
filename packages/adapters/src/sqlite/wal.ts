import { DatabaseSync, type StatementSync } from "node:sqlite";
import { StoreUnavailable } from "../unavailable.ts";

/** Copies what the write-ahead log holds into the file, as far as nobody is in the way. */
export const COPY = "PRAGMA wal_checkpoint(PASSIVE)";
/** Copies nothing, and only looks. */
export const LOOK = "PRAGMA wal_checkpoint(NOOP)";

/** How many pages of the log are not in the file after one of these; none where the file fails. */
export function pagesLeft(checkpoint: StatementSync): number {
  try {
    const { log, checkpointed } = checkpoint.get() as { log: number; checkpointed: number };
    return log - checkpointed;
  } catch {
    // A full disk, or one that fails: the log holds everything, and whoever writes next is told.
    return 0;
  }
}

/**
 * Writes everything into the main file and empties the write-ahead log, so that what was deleted is
 * in neither. Throws StoreUnavailable where a reader of another process holds it for 10 s.
 */
export function emptyWal(file: string): void {
  const db = new DatabaseSync(file, { timeout: 10_000 });
  try {
    db.exec("PRAGMA secure_delete = ON");
    const { busy } = db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get() as { busy: number };
    if (busy) throw new StoreUnavailable(`${file}: it is being read by another process`);
  } finally {
    db.close();
  }
}
