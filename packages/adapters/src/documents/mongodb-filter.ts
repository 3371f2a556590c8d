import type { Condition, Query, Where } from "@daybook/projections";
import type { Filter } from "mongodb";
import { indexedValue, rangeOf } from "./indexed-values.ts";
import type { StoredRow } from "./mongodb-row.ts";

export type IndexedValues = Record<string, string | number>;

/**
 * A document as MongoDB has it; a tombstone has no row. Beside the row are the values of the declared
 * fields as they are indexed. The row's own could not be: MongoDB finds each element of a list, tells
 * booleans from numbers, nothing from empty text, and a row that is text has no fields.
 */
export type StoredDocument = {
  _id: string;
  guard: number;
  row: StoredRow;
  by?: IndexedValues;
};

/** Names may hold what has a meaning to MongoDB: dots, dollars, nothing at all. */
const escaped = (name: string, special: RegExp): string =>
  name.replace(special, (one) => `%${one.codePointAt(0)?.toString(16)};`);

export const nameOf = (collection: string): string => escaped(collection, /[^\w.-]/gu);

export const keyOf = (field: string): string => escaped(field, /[^\w-]/gu);

export const pathOf = (field: string): string => `by.${keyOf(field)}`;

type Bounds = { $gt?: string | number; $gte?: string | number; $lt?: string | number };

/**
 * MongoDB compares numbers with numbers and texts with texts. Here every number is below any text,
 * so that a range may be one of numbers and one of texts.
 */
function ranges(bounds: Bounds): object[] {
  const only = (type: string) =>
    Object.fromEntries(Object.entries(bounds).filter(([, value]) => typeof value === type));
  const { $gte, $gt = $gte, $lt } = bounds;
  const found = [
    ...(typeof $gt === "string" ? [] : [{ $lte: Number.POSITIVE_INFINITY, ...only("number") }]),
    ...(typeof $lt === "number" ? [] : [{ $gte: "", ...only("string") }]),
  ];
  // From a text up to a number there is nothing, which MongoDB finds too.
  return found.length > 0 ? found : [bounds];
}

type Found = Filter<StoredDocument>;

/** At least one of them; of one, that one: a needless `$or` hides its index from some planners. */
const either = (filters: Found[]): Found =>
  filters.length === 1 ? (filters[0] as Found) : { $or: filters };

function conditionFilter(field: string, condition: Condition): Found {
  const path = pathOf(field);
  if (typeof condition !== "object") return { [path]: indexedValue(condition) };
  if ("in" in condition) return { [path]: { $in: condition.in.map(indexedValue) } };
  const { gte, lt } = rangeOf(condition);
  if (gte === undefined && lt === undefined) return {};
  const bounds = { ...(gte !== undefined && { $gte: gte }), ...(lt !== undefined && { $lt: lt }) };
  return either(ranges(bounds).map((range) => ({ [path]: range })));
}

/** Documents that live and meet all of these. */
const whereFilter = (...wheres: readonly Where[]): Found => ({
  $and: [
    { row: { $ne: null } },
    ...wheres.flatMap((where) =>
      Object.entries(where).map(([field, condition]) => conditionFilter(field, condition)),
    ),
  ],
});

const orderOf = ({ sort }: Pick<Query, "sort">): string[] => [...sort.map(pathOf), "_id"];

/** What lies behind a key in an order: equal in some of it, and beyond in what follows. */
function behind(key: readonly (string | number)[], query: Query): Found {
  const order = orderOf(query);
  const filters = order.flatMap((path, at) => {
    const equal = Object.fromEntries(order.slice(0, at).map((one, index) => [one, key[index]]));
    const value = key[at] as string | number;
    const beyond = ranges(query.direction === "descending" ? { $lt: value } : { $gt: value });
    return beyond.map((range) => ({ ...equal, [path]: range }));
  });
  return either(filters);
}

/** The filter of a page, that begins behind a key. */
export const pageFilter = (query: Query, key: readonly (string | number)[] | undefined): Found =>
  key ? { $and: [whereFilter(query.where), behind(key, query)] } : whereFilter(query.where);

/** Each of the alternatives with all that holds for it, so that each can be read from an index. */
export const countFilter = (where: Where, anyOf: readonly Where[] = []): Found =>
  either((anyOf.length > 0 ? anyOf : [{}]).map((one) => whereFilter(where, one)));

export const sortOf = (query: Query): Record<string, 1 | -1> =>
  Object.fromEntries(
    orderOf(query).map((path) => [path, query.direction === "descending" ? -1 : 1]),
  );
