import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Holds a folder for one server process. The lock is the operating system's on an open file, so it
 * ends with the process, however it dies. Returns what gives it up; throws when it is taken.
 */
export function lockFolder(folder: string): () => void {
  const db = new DatabaseSync(join(folder, "server.lock"));
  try {
    db.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
  } catch {
    db.close();
    throw new Error(`another server is running on ${folder}`);
  }
  return () => db.close();
}
