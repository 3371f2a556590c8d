import { expect, test } from "vitest";
import { z } from "zod";
import { defineProjection, type Row } from "./projection.ts";

/**
 * What must not compile: `tsc` fails where one of these expected errors is not there any more. At
 * run time the tables are plain values, so the tests only show that they are.
 */

const events = {
  Opened: z.object({ by: z.string() }),
  Painted: z.object({ colour: z.string() }),
};
type Door = Row & { colour: string };
const parts = { name: "doors", version: 1, events };
const door: Door = { id: "1", organization: "acme", colour: "none" };

test("a projection on events of its table compiles", () =>
  expect(
    defineProjection<Door>()({
      ...parts,
      indexes: [["colour"]],
      start: { Opened: () => door },
      on: { Painted: (row, { colour }) => ({ ...row, colour }) },
    }).name,
  ).toBe("doors"));

test("one that starts at an event that does not exist does not", () => {
  // @ts-expect-error: there is no event Opend
  const misspelt = defineProjection<Door>()({ ...parts, start: { Opend: () => door } });
  expect(misspelt.start).toHaveProperty("Opend");
});

test("one that changes at an event that does not exist does not", () => {
  const unknown = defineProjection<Door>()({
    ...parts,
    start: {},
    // @ts-expect-error: there is no event Locked
    on: { Locked: (row: Door) => row },
  });
  expect(unknown.on).toHaveProperty("Locked");
});

test("one that reads a field that the event does not have does not", () => {
  const wrong = defineProjection<Door>()({
    ...parts,
    start: {},
    // @ts-expect-error: size is no field of Painted
    on: { Painted: (row, { size }) => ({ ...row, colour: size }) },
  });
  expect(wrong.on).toHaveProperty("Painted");
});

test("one that makes another document than it says does not", () => {
  const wrong = defineProjection<Door>()({
    ...parts,
    // @ts-expect-error: colour is missing
    start: { Opened: () => ({ id: "1", organization: "" }) },
  });
  expect(wrong.start).toHaveProperty("Opened");
});

test("an index on a field that documents do not have does not", () => {
  // @ts-expect-error: size is no field of the document
  const wrong = defineProjection<Door>()({ ...parts, indexes: [["size"]], start: {} });
  expect(wrong.indexes).toEqual([["size"]]);
});
