import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { sizeOf } from "../files.ts";

/** A database file that cannot be used any more. The message is one line, for an operator. */
export class DamagedFile extends Error {
  override readonly name = "DamagedFile";
  constructor(file: string, what: string) {
    super(`${file} ${what}: restore it from a back-up with  npx daybook restore`);
  }
}

const MAGIC = "SQLite format 3\0";
const WAL_HEADER = 32;
const FRAME_HEADER = 24;

function firstBytes(file: string, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, bytes, 0, length, 0);
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}

/** The size that the header of the main file promises, in bytes, and the size of a page. */
function promisedBy(file: string): { bytes: number; page: number } | undefined {
  const header = firstBytes(file, 100);
  if (header.toString("latin1", 0, 16) !== MAGIC) return undefined;
  const given = header.readUInt16BE(16);
  const page = given === 1 ? 65_536 : given;
  // The count of pages holds only where it was written with the last change.
  const counted = header.readUInt32BE(24) === header.readUInt32BE(92);
  return { bytes: counted ? header.readUInt32BE(28) * page : 0, page };
}

/**
 * How much of the write-ahead log was there when it was last used, in bytes. The index beside it
 * outlives a killed process; what a power cut made of it is not believed.
 */
function knownOfWal(file: string): number {
  if (sizeOf(`${file}-shm`) < 96) return 0;
  const index = firstBytes(`${file}-shm`, 96);
  // SQLite keeps the header twice: where both are equal, it was written to its end.
  if (!index.subarray(0, 48).equals(index.subarray(48)) || index[12] !== 1) return 0;
  const frames = index.readUInt32LE(16);
  return frames === 0 ? 0 : WAL_HEADER + frames * (FRAME_HEADER + index.readUInt16LE(14));
}

/** SQLite's result codes for content that cannot be: CORRUPT and NOTADB. */
const DAMAGED = [11, 26];

type Check = "quick_check" | "integrity_check";

/** Opens the file for reading, which recovers it; nothing of it is changed. Throws DamagedFile. */
function readThrough(file: string, checkFor: (bytes: number) => Check | undefined): void {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
    db.prepare("SELECT count(*) FROM sqlite_schema").get();
    const { bytes } = db
      .prepare("SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size")
      .get() as { bytes: number };
    const check = checkFor(bytes);
    const found = check && Object.values(db.prepare(`PRAGMA ${check}(1)`).get() ?? {})[0];
    if (check && found !== "ok")
      throw Object.assign(new Error(String(found)), { errcode: DAMAGED[0] });
  } catch (error) {
    const { errcode = 0, message } = error as Error & { errcode?: number };
    if (!DAMAGED.includes(errcode & 0xff)) throw new Error(`${file}: ${message}`);
    throw new DamagedFile(file, `is damaged (${message.replaceAll(/\s+/g, " ")})`);
  } finally {
    db?.close();
  }
}

/**
 * Looks at a database file that no process writes: at what its headers promise, and at all of it
 * only where they leave a doubt, or, without its indexes, where `always` asks for it. Returns
 * whether it may have lost its last commits. Throws DamagedFile.
 */
export function inspectDatabase(file: string, always = false): boolean {
  const size = sizeOf(file);
  const wal = sizeOf(`${file}-wal`);
  if (size === 0 && wal === 0) return false;
  // SQLite would delete the write-ahead log of an empty file.
  if (size === 0) throw new DamagedFile(file, "is empty or missing");
  const promised = promisedBy(file);
  if (wal === 0 && !promised) throw new DamagedFile(file, "is no database any more");
  const { bytes, page } = promised ?? { bytes: 0, page: size };
  if (wal === 0 && size < bytes)
    throw new DamagedFile(file, `is cut off: ${bytes - size} bytes are missing`);
  const ragged = wal > 0 && (wal - WAL_HEADER) % (FRAME_HEADER + page) !== 0;
  const lost = ragged || knownOfWal(file) > wal;
  const doubtful = lost || !promised || size < bytes || size % page !== 0;
  // A database never shrinks: what is now shorter goes by a write-ahead log that has lost its end.
  readThrough(file, (now) =>
    doubtful || now < size ? "integrity_check" : always ? "quick_check" : undefined,
  );
  return lost;
}

/** Deletes a database that can be built again. */
export function discardDatabase(file: string): void {
  for (const suffix of ["-wal", "-shm", ""]) rmSync(file + suffix, { force: true });
}
