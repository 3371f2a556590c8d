import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  truncateSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { sync } from "../files.ts";

/** Whose key was erased, and when. */
export type Erasure = z.output<typeof erasure>;
const erasure = z.object({ subject: z.string().min(1), at: z.iso.datetime() });

/**
 * The ledger of erasures lies outside of log and keys, so that it outlives the restoring of both: a
 * back-up still holds the keys that were erased after it was made.
 */
export const ledgerOf = (folder: string): string => join(folder, "erasures.jsonl");

function parse(line: string): Erasure | undefined {
  try {
    return erasure.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/**
 * Reads a ledger; none is an empty one. A last line without its line break that says nothing was cut
 * off while it was written: its key was not erased yet. Throws where another line is malformed.
 */
export function readErasures(file: string): Erasure[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line, index) => {
    const found = parse(line);
    if (found) return [found];
    if (line.trim() === "" || index === lines.length - 1) return [];
    throw new Error(`${file}: line ${index + 1} is no erasure: restore it from a back-up`);
  });
}

/** Adds to a ledger, durably before it returns. */
export function recordErasures(file: string, erasures: readonly Erasure[]): void {
  if (erasures.length === 0) return;
  const isNew = !existsSync(file);
  const text = isNew ? "" : readFileSync(file, "utf8");
  const end = text.lastIndexOf("\n") + 1;
  const tail = text.slice(end);
  const complete = parse(tail) !== undefined;
  // What a crash left of a line must not run into the next.
  if (tail && !complete) truncateSync(file, Buffer.byteLength(text.slice(0, end)));
  const lines = erasures.map((one) => `${JSON.stringify(one)}\n`).join("");
  const descriptor = openSync(file, "a", 0o600);
  try {
    appendFileSync(descriptor, (complete ? "\n" : "") + lines);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  if (isNew) sync(dirname(file));
}
