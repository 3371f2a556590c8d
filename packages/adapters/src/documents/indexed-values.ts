/**
 * A value as it is indexed: numbers before texts, texts by code points. Indexed values are never
 * null: a keyset could not pass over one. What cannot be ordered is empty text.
 */
export const indexedValue = (value: unknown): string | number =>
  typeof value === "number" || typeof value === "string"
    ? value
    : typeof value === "boolean"
      ? Number(value)
      : "";

/** The last code point: what starts with a prefix is below the prefix with it. */
const LAST = "\u{10FFFF}";

type Range = { gte?: string | number; lt?: string | number };

/** The range that a condition other than equality stands for. */
export const rangeOf = (condition: Range | { prefix: string }): Range =>
  "prefix" in condition ? { gte: condition.prefix, lt: condition.prefix + LAST } : condition;
