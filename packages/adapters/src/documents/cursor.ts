import type { Page, Query, Row } from "@daybook/projections";
import { compareValues, indexedValue } from "./indexed-values.ts";
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

const keyOf = (row: Row, { sort }: Order): Key => [
  ...sort.map((field) => indexedValue((row as Row & Record<string, unknown>)[field])),
  row.id,
];

/** Whether a row stands at a key or before it. */
function isWithin(row: Row, until: Key, order: Order): boolean {
  const differing = keyOf(row, order)
    .map((value, at) => compareValues(value, until[at] as string | number))
    .find((compared) => compared !== 0);
  return (differing ?? 0) * (order.direction === "descending" ? -1 : 1) <= 0;
}

/** The page that begins with these rows: all that were found, up to one more than it holds. */
export function pageOf<R extends Row>(found: readonly R[], query: Query): Page<R> {
  const until = query.until === undefined ? undefined : decodeCursor(query.until, query);
  const within = until ? found.filter((row) => isWithin(row, until, query)) : found;
  const rows = within.slice(0, query.limit);
  const last = rows.at(-1);
  if (within.length <= query.limit || !last) return { rows, cursor: undefined };
  return { rows, cursor: encodeCursor(keyOf(last, query), query) };
}
