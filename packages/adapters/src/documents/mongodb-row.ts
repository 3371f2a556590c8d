import type { Row } from "@daybook/projections";

/** A row as MongoDB has it: a document within the document, else its JSON text. */
export type StoredRow = Row | string | null;

/** No server takes more than 100 levels, of which the document around the row is one. */
const DEPTH_MAX = 90;

/** In BSON a list takes up to seven times the room of its JSON, and 16 MB is all there is. */
const LENGTH_MAX = 2_000_000;

/**
 * No dollar and no dot: such names mean something in a query or an update. No zero byte, which ends
 * a name in BSON; no lone surrogate, which UTF-8 has not; and not what the driver knows its own
 * types by.
 */
const NAME = /^(?!\$|_bsontype$)[^.\0\p{Surrogate}]+$/u;

function isNative(value: unknown, depth = 0): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  if (depth === DEPTH_MAX) return false;
  const fields = value as Record<string, unknown>;
  return Object.keys(fields).every((name) => NAME.test(name) && isNative(fields[name], depth + 1));
}

/**
 * A row is stored as a document within the document, so that whoever looks at MongoDB sees its
 * fields. It comes back as from JSON: without what is undefined, with nothing that JSON has not.
 * A row is stored as JSON text only where BSON or a server could not hold it as it is: for a name
 * or a text in it (`isNative`), for its depth, or for its length.
 */
export function storedRow(row: Row | null): StoredRow {
  if (row === null) return null;
  const text = JSON.stringify(row);
  if (text.length > LENGTH_MAX) return text;
  const plain: Row = JSON.parse(text);
  return isNative(plain) ? plain : text;
}

export const rowOf = (stored: StoredRow): Row | null =>
  typeof stored === "string" ? JSON.parse(stored) : stored;
