import { expect, test } from "vitest";
import { z } from "zod";
import { defineDecider } from "./decider.ts";
import { type Erased, personal } from "./message.ts";

/**
 * What must not compile: `tsc` fails where one of these expected errors is not there any more. At
 * run time the tables are plain values, so the tests only show that they are.
 */

const commands = { Open: z.object({ by: z.string() }), Close: z.object({}) };
const events = {
  Opened: z.object({ by: z.string() }),
  Closed: z.object({}),
  Named: z.object({ name: personal(z.string()) }),
};
type Door = { open: boolean };
const parts = { stream: "door", commands, events, initial: { open: false } };

const decide = {
  Open: () => [{ type: "Opened" as const, data: { by: "ada" } }],
  Close: () => [],
};
const evolve = {
  Opened: () => ({ open: true }),
  Closed: () => ({ open: false }),
  Named: (state: Door) => state,
};

test("a complete table compiles", () =>
  expect(defineDecider<Door>()({ ...parts, decide, evolve }).stream).toBe("door"));

test("an event without an evolve does not", () => {
  const { Named: _, ...missing } = evolve;
  // @ts-expect-error: Named is missing
  expect(defineDecider<Door>()({ ...parts, decide, evolve: missing })).toBeDefined();
});

test("a command without a decide does not", () => {
  const { Close: _, ...missing } = decide;
  // @ts-expect-error: Close is missing
  expect(defineDecider<Door>()({ ...parts, decide: missing, evolve })).toBeDefined();
});

test("a misspelt entry does not", () => {
  const open = () => ({ open: true });
  const misspelt = defineDecider<Door>()({
    ...parts,
    decide,
    // @ts-expect-error: there is no event Opend
    evolve: { Opend: open, Closed: evolve.Closed, Named: evolve.Named },
  });
  expect(misspelt).toBeDefined();
  const unknown = defineDecider<Door>()({
    ...parts,
    // @ts-expect-error: there is no command Lock
    decide: { Open: decide.Open, Close: decide.Close, Lock: () => [] },
    evolve,
  });
  expect(unknown).toBeDefined();
});

test("an event that is not in the table cannot be decided", () => {
  const decider = defineDecider<Door>()({
    ...parts,
    // @ts-expect-error: there is no event Locked
    decide: { ...decide, Close: () => [{ type: "Locked", data: {} }] },
    evolve,
  });
  expect(decider).toBeDefined();
});

test("an event is not decided without its data", () => {
  const decider = defineDecider<Door>()({
    ...parts,
    // @ts-expect-error: by is missing
    decide: { ...decide, Open: () => [{ type: "Opened", data: {} }] },
    evolve,
  });
  expect(decider).toBeDefined();
});

test("a state of another shape is not evolved", () => {
  const decider = defineDecider<Door>()({
    ...parts,
    decide,
    // @ts-expect-error: shut is no field of the state
    evolve: { ...evolve, Closed: () => ({ shut: true }) },
  });
  expect(decider).toBeDefined();
});

// Whoever reads a personal field must reckon with its having been erased.
test("a personal field is not read as what it was", () => {
  const decider = defineDecider<Door & { name?: string | Erased }>()({
    ...parts,
    decide,
    evolve: {
      ...evolve,
      Named: (state, { name }) => {
        // @ts-expect-error: name may be erased
        const text: string = name;
        return { ...state, name: text };
      },
    },
  });
  expect(decider.evolve.Named).toBeTypeOf("function");
});

test("a personal field is made of what it is, never of nothing", () => {
  const made: z.input<typeof events.Named> = { name: "front" };
  // @ts-expect-error: what was erased cannot be recorded anew
  const erased: z.input<typeof events.Named> = { name: { erased: true } };
  expect([made, erased]).toHaveLength(2);
});
