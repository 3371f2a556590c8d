import fc from "fast-check";

/** Made once: it takes a second. */
export const anyText = fc.string({ unit: "binary", maxLength: 30 });

type Json = Record<string, unknown>;

const deep = (levels: number, open: string, close: string, inside: string): unknown =>
  JSON.parse(open.repeat(levels) + inside + close.repeat(levels));

/** Names that mean something to JavaScript, SQL or our own formats. */
const names = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "prototype", "toString", "$seal", "erased", "0", ""),
  anyText,
);

/** Any value that JSON can say, and what programs stumble over. */
export const nonsense: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  anyText,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.dictionary(names, fc.jsonValue({ maxDepth: 1 }), { noNullPrototype: true, maxKeys: 4 }),
  fc.constantFrom<unknown[]>(
    null,
    "",
    "\0",
    "a\0b",
    "\ud800",
    "\udfff\ud800",
    "%",
    "' OR 1=1 --",
    "../../server.key",
    "2026-02-30T25:61:00.000Z",
    "٣",
    "İ".repeat(50),
    "x".repeat(2000),
    1e308,
    -1e308,
    5e-324,
    2 ** 53,
    -(2 ** 53),
    0.1,
    [],
    {},
    [[]],
    deep(500, "[", "]", ""),
    deep(300, '{"data":', "}", "null"),
    JSON.parse('{"__proto__":{"id":"x"},"constructor":{"prototype":{}}}'),
    Array.from({ length: 500 }, (_, n) => n),
  ),
);

type Change = { at: number; how: "replace" | "remove" | "add" | "wrap"; name: string; to: unknown };

const changes: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom("replace", "replace", "replace", "remove", "add", "wrap"),
  name: names,
  to: nonsense,
});

const objectsIn = (value: unknown): Json[] =>
  typeof value === "object" && value !== null
    ? [value as Json, ...Object.values(value).flatMap(objectsIn)]
    : [];

function put(holder: Json, name: string, value: unknown) {
  // Defined, not assigned: `__proto__` has to become a field like any other.
  const field = { value, enumerable: true, writable: true, configurable: true };
  Object.defineProperty(holder, name, field);
}

function change(value: Json, { at, how, name, to }: Change): Json {
  const copy = JSON.parse(JSON.stringify(value)) as Json;
  const holders = objectsIn(copy);
  const holder = holders[at % holders.length] as Json;
  const fields = Object.keys(holder);
  const field = fields[at % fields.length] ?? name;
  if (how === "add") put(holder, name, to);
  if (how === "replace") put(holder, field, to);
  if (how === "wrap") put(holder, field, [holder[field]]);
  if (how === "remove") delete holder[field];
  return copy;
}

/** A valid input of which a part or two was replaced, removed, added or wrapped. */
export const mangled = (valid: fc.Arbitrary<Json>): fc.Arbitrary<unknown> =>
  fc
    .tuple(valid, fc.array(changes, { minLength: 1, maxLength: 2 }))
    .map(([value, all]) => all.reduce(change, value));
