import { DatabaseSync } from "node:sqlite";
import { StoreUnavailable } from "../unavailable.ts";

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
