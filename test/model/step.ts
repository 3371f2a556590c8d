import fc, { type AsyncCommand } from "fast-check";
import { v7 } from "uuid";
import type { Model, Person } from "./model.ts";
import { BROWSERS, WATCHERS, type World } from "./world.ts";

export type Step = AsyncCommand<Model, World>;

/** A command of fast-check's that is printed as its name and what it was given. */
export const step = <I>(
  name: string,
  given: fc.Arbitrary<I>,
  run: (world: World, given: I) => Promise<void>,
  check: (model: Model, given: I) => boolean = () => true,
): fc.Arbitrary<Step> =>
  given.map((one) => ({
    check: (model) => check(model, one),
    run: (_, world) => run(world, one),
    toString: () => `${name}(${JSON.stringify(one)})`,
  }));

/** Somebody, in the order in which they were made; nobody, at times. Most happens to a few. */
export const pick = fc.oneof(
  { weight: 2, arbitrary: fc.nat({ max: 3 }) },
  { weight: 1, arbitrary: fc.nat({ max: 30 }) },
);
/** Where people sign in and out. */
export const browser = fc.constantFrom(...BROWSERS);
/** Who sends commands: the watchers too, so that some are always permitted. */
export const sender = fc.oneof(
  { weight: 3, arbitrary: browser },
  { weight: 5, arbitrary: fc.constant("acme") },
  { weight: 1, arbitrary: fc.constantFrom(...WATCHERS) },
);

/** Everybody whom things are done to: all but the watchers. */
export const others = ({ people, sessions }: Model): Person[] => {
  const watching = WATCHERS.map((name) => sessions.get(name));
  return [...people.values()].filter(({ id }) => !watching.includes(id));
};

export function picked(model: Model, at: number): Person | undefined {
  const people = others(model);
  return people[at % (people.length + 1)];
}

/** The id of somebody, or one that nobody has. */
export const idOf = (model: Model, at: number): string => picked(model, at)?.id ?? v7();
