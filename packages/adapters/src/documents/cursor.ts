import type { Page, Query, Row } from "@daybook/projections";
import { indexedValue } from "./indexed-values.ts";
import { InvalidCursor } from "./port.ts";

type Order = Pick<Query, "sort" | "direction">;
type Key = (string | number)[];

/**
 * A keyset cursor: the sort values and id of the last row, with the order they belong to. It need
 * not be the last row of a page: whoever merges several orders begins a page behind any row.
 */
export const encodeCursor = (key: Key, { sort, direction }: Order): string =>
  Buffer.from(JSON.stringify([direction, sort, key])).toString("base64url");

export function decodeCursor(cursor: string, { sort, direction }: Order): Key {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    throw new InvalidCursor("the cursor is damaged");
  }
  const [ofDirection, ofSort, key] = Array.isArray(parts) ? parts : [];
  if (ofDirection !== direction || JSON.stringify(ofSort) !== JSON.stringify(sort))
    throw new InvalidCursor("the cursor belongs to another order");
  const valid =
    Array.isArray(key) &&
    key.length === sort.length + 1 &&
    key.every((value) => typeof value === "string" || Number.isFinite(value));
  if (!valid) throw new InvalidCursor("the cursor is damaged");
  return key;
}

/** The page that begins with these rows: all that were found, up to one more than it holds. */
export function pageOf<R extends Row>(found: readonly R[], query: Query): Page<R> {
  const rows = found.slice(0, query.limit);
  const last = rows.at(-1) as (R & Record<string, unknown>) | undefined;
  if (found.length <= query.limit || !last) return { rows, cursor: undefined };
  const key = [...query.sort.map((field) => indexedValue(last[field])), last.id];
  return { rows, cursor: encodeCursor(key, query) };
}
