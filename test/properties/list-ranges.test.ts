import fc from "fast-check";
import { expect, test } from "vitest";
import { begin, learned, type Mark, placeOf } from "../../apps/admin-web/src/list/ranges.ts";

/** At most so many rows in an answer: few, so that ranges are split often. */
const LIMIT = 4;

/** A list of numbers in order, whose cursors are the numbers themselves. */
function server(numbers: ReadonlySet<number>) {
  return (after: string | undefined, until: string | undefined) => {
    const within = [...numbers]
      .toSorted((one, other) => one - other)
      .filter((one) => after === undefined || one > Number(after))
      .filter((one) => until === undefined || one <= Number(until));
    const rows = within.slice(0, LIMIT);
    const isMore = within.length > LIMIT;
    return { rows, cursor: isMore ? String(rows.at(-1)) : undefined, until };
  };
}

const ask = (marks: readonly Mark[], at: number, numbers: ReadonlySet<number>) =>
  [marks[at]?.cursor, server(numbers)(marks[at]?.cursor, marks[at + 1]?.cursor)] as const;

const read = (marks: readonly Mark[], at: number, numbers: ReadonlySet<number>) =>
  learned(marks, ...ask(marks, at, numbers));

/** Every range as it is now, from the first to the last, splitting those that have grown. */
function readAll(known: readonly Mark[], numbers: ReadonlySet<number>) {
  let marks = known;
  for (let at = 0; at < marks.length; at++) marks = read(marks, at, numbers);
  return marks;
}

const number = fc.integer({ min: 0, max: 60 });
const change = fc.record({
  ...{ add: fc.array(number), remove: fc.array(number), read: fc.nat() },
  /** After how many more changes the answer is there. */
  late: fc.nat(3),
});

// Else a row that was added or deleted would hide another, or show one twice.
test("ranges hold every row once, in order, whatever is added, deleted and read between", () => {
  fc.assert(
    fc.property(fc.uniqueArray(number), fc.array(change), (first, changes) => {
      const numbers = new Set(first);
      let marks = readAll(begin, numbers);
      const coming = new Map<number, ReturnType<typeof ask>[]>();
      for (const [at, { add, remove, read: which, late }] of changes.entries()) {
        for (const one of add) numbers.add(one);
        for (const one of remove) numbers.delete(one);
        const answer = ask(marks, which % marks.length, numbers);
        coming.set(at + late, [...(coming.get(at + late) ?? []), answer]);
        for (const one of coming.get(at) ?? []) marks = learned(marks, ...one);
      }
      marks = readAll(marks, numbers);
      const shown = marks.flatMap(
        ({ cursor }, at) => server(numbers)(cursor, marks[at + 1]?.cursor).rows,
      );
      expect(shown).toEqual([...numbers].toSorted((one, other) => one - other));
      expect(marks.map(({ rows = 0 }) => rows).reduce((sum, rows) => sum + rows, 0)).toBe(
        numbers.size,
      );
      shown.forEach((_, index) => {
        const [range, offset] = placeOf(marks, index);
        const { rows } = server(numbers)(marks[range]?.cursor, marks[range + 1]?.cursor);
        expect(rows[offset]).toBe(shown[index]);
      });
    }),
  );
});

// Two answers to the last range cross: the one that is older must not put its end behind the newer's.
test("an answer from before the range ended where it does now is passed over", () => {
  const numbers = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const marks = read(begin, 0, numbers);
  numbers.delete(1);
  expect(learned(marks, undefined, server(numbers)(undefined, undefined))).toBe(marks);
});

test("an answer that says what was known changes nothing", () => {
  const numbers = new Set([1, 2, 3, 4, 5, 6]);
  const marks = readAll(begin, numbers);
  expect(readAll(marks, numbers)).toBe(marks);
});
