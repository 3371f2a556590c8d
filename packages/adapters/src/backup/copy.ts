import { existsSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { sync } from "../files.ts";
import type { Work } from "./progress.ts";

/** Copied at once: 4 MB, so that a break-off is seen soon and little is held in memory. */
const PAGES = 1000;

/**
 * Copies a database while others write it. One read transaction holds from the first page to the
 * last: without it each commit in between would start the copy anew, and on a busy server it would
 * never end. `look` reads in the same transaction.
 */
export async function copyDatabase<T>(
  file: string,
  folder: string,
  look: (db: DatabaseSync) => T,
  { progress, signal }: Work,
): Promise<T> {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
  const target = join(folder, basename(file));
  try {
    db.exec("BEGIN");
    const seen = look(db);
    signal.throwIfAborted();
    await backup(db, target, {
      rate: PAGES,
      progress: ({ totalPages, remainingPages }) => {
        signal.throwIfAborted();
        const done = totalPages - remainingPages;
        progress({ task: `Copying ${basename(file)}`, unit: "pages", done, total: totalPages });
      },
    });
    sync(target);
    return seen;
  } finally {
    db.close();
  }
}

/** Copies a plain file, if it is there, durably. Returns whether it is. */
export async function copyPlain(from: string, to: string, name: string): Promise<boolean> {
  const source = join(from, name);
  if (!existsSync(source)) return false;
  await copyFile(source, join(to, name));
  sync(join(to, name));
  return true;
}
