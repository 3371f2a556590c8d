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

/** By code points, as stores order text; JavaScript's own order is another past U+FFFF. */
function compareTexts(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return (one.codePointAt(at) ?? -1) - (other.codePointAt(at) ?? -1);
}

/** Below zero where one indexed value comes before the other, in ascending order. */
export function compareValues(one: string | number, other: string | number): number {
  if (typeof one === "string" && typeof other === "string") return compareTexts(one, other);
  if (typeof one === "number" && typeof other === "number") return one - other;
  return typeof one === "number" ? -1 : 1;
}
