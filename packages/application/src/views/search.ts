import { compareValues, decodeCursor, encodeCursor, InvalidCursor } from "@daybook/adapters";
import type { Page, Projection, Row, Where } from "@daybook/projections";
import type { Reader } from "./query.ts";

export type Search<R extends Row> = {
  /** Text, each with an index behind the fields that `where` sets. */
  fields: readonly (keyof R & string)[];
  /** What one of the fields starts with, in the spelling that they are kept in. */
  prefix: string;
  where: Where;
  /** 1 to 200. */
  limit: number;
  cursor?: string;
  /** A cursor of the same search, at which the page ends: see `Query`. */
  until?: string;
};

/**
 * How many repeated matches one page passes over: there may be as many in a row as documents were
 * given before. A first page of four fields has at most three for each of 200.
 */
const REPEATS_MAX = 600;

/** A match's place in the order. */
type Place = [term: string, id: string];

/** A document where one of its fields matches. */
type Match<R> = { field: string; row: R; place: Place };

const byTerm = { sort: ["term"], direction: "ascending" } as const;

const compare = (one: Place, other: Place): number =>
  compareValues(one[0], other[0]) || compareValues(one[1], other[1]);

/** As it is stored: there is no half of a character in UTF-8. */
const termOf = <R extends Row>(row: R, field: keyof R): string => String(row[field]).toWellFormed();

/**
 * One page of what starts with a prefix in any of several fields, ordered by what matched: the
 * least matching term of each document, then its id. The cost does not grow with the collection:
 * each field is read in its own index from where the cursor stands, and the matches are merged. A
 * document is given where its least term matches, and is passed over where another does.
 *
 * A page may hold less than `limit` though more follow; the cursor alone says whether they do.
 * Throws InvalidCursor.
 *
 * @example
 * const fields = ["sortName", "searchEmail"] as const;
 * await search(views, people, { fields, prefix: "hop", where: { status: "active" }, limit: 50 });
 */
export async function search<R extends Row>(
  reader: Reader,
  projection: Projection<R>,
  { fields, where, limit, ...query }: Search<R>,
): Promise<Page<R>> {
  const prefix = query.prefix.toWellFormed();
  const after = query.cursor === undefined ? undefined : placeOf(query.cursor, prefix);
  const until = query.until === undefined ? undefined : placeOf(query.until, prefix);

  async function* matching(field: keyof R & string): AsyncGenerator<Match<R>> {
    const order = { sort: [field], direction: "ascending" } as const;
    const condition = { ...where, [field]: { prefix } };
    let cursor = after && encodeCursor(after, order);
    do {
      const page = { ...order, where: condition, limit: limit + 1, ...(cursor && { cursor }) };
      const found = await reader.find(projection, page);
      for (const row of found.rows) yield { field, row, place: [termOf(row, field), row.id] };
      cursor = found.cursor;
    } while (cursor);
  }

  const least = (row: R) =>
    fields
      .filter((field) => termOf(row, field).startsWith(prefix))
      .toSorted((one, other) => compareValues(termOf(row, one), termOf(row, other)))[0];

  const rows: R[] = [];
  let repeats = 0;
  let last = after;
  for await (const { field, row, place } of merged(fields.map(matching))) {
    if (until && compare(place, until) > 0) break;
    const repeated = field !== least(row);
    if (repeated ? ++repeats > REPEATS_MAX : rows.length === limit)
      return { rows, cursor: last && encodeCursor(last, byTerm) };
    if (!repeated) rows.push(row);
    last = place;
  }
  return { rows, cursor: undefined };
}

/** Where a cursor stands. One of another search could stand anywhere, and is refused. */
function placeOf(cursor: string, prefix: string): Place {
  const [term, id] = decodeCursor(cursor, byTerm).map(String) as Place;
  if (!term.startsWith(prefix)) throw new InvalidCursor("the cursor belongs to another search");
  return [term, id];
}

/** All matches in order; of one document's with the same term, the one of the first field first. */
async function* merged<R>(fields: AsyncGenerator<Match<R>>[]): AsyncGenerator<Match<R>> {
  const heads = await Promise.all(
    fields.map(async (matches) => ({ matches, next: await matches.next() })),
  );
  for (;;) {
    const [least] = heads
      .flatMap((head) => (head.next.done ? [] : [{ head, match: head.next.value }]))
      .toSorted(({ match: { place: one } }, { match: { place: other } }) => compare(one, other));
    if (!least) return;
    yield least.match;
    least.head.next = await least.head.matches.next();
  }
}
