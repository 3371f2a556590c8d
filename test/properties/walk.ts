import { type AnyDecider, evolve, Refusal, type Table } from "@daybook/domain";
import fc from "fast-check";
import { arbitraryOf, type Draws } from "../support/zod-arbitrary.ts";

/** A command, how long after the one before it comes, and who asks. */
export type Ask = { type: string; data: Record<string, unknown>; waitMs: number; by: string };

type Happened = { type: string; data: Record<string, unknown> };

/** What a command met, and what it led to: events, or a refusal. */
export type Step<S> = Ask & {
  at: string;
  before: S;
  after: S;
  events: Happened[];
  refusal: Refusal | undefined;
};

const START = Date.parse("2026-01-01T12:00:00.000Z");
const instant = (ms: number) => new Date(START + ms).toISOString();

/** The stream's id, which is also the name of one of those who ask. */
export const SELF = "one";

const HALF_MINUTE_MS = 30_000;
const TEN_MINUTES_MS = 20 * HALF_MINUTE_MS;
export const HOUR_MS = 6 * TEN_MINUTES_MS;

/** Few words, so that tokens, owners and attempts meet again. */
const words = fc.constantFrom("one", "two", "three");

/** Mostly whole ten minutes, so that what ends at an instant is asked about at that instant too. */
const waits = fc.constantFrom(0, 0, 0, HALF_MINUTE_MS, TEN_MINUTES_MS, TEN_MINUTES_MS, HOUR_MS);

type Drawing = {
  named?: Draws["named"];
  /** Makes some commands more frequent than others. */
  weights?: Record<string, number>;
  wait?: fc.Arbitrary<number>;
  minLength?: number;
  maxLength?: number;
};

/** Commands of a decider, as its schemas allow them. */
export function asksOf(
  { commands }: AnyDecider,
  { named = {}, weights = {}, wait = waits, minLength = 1, maxLength = 30 }: Drawing = {},
): fc.Arbitrary<Ask[]> {
  // Within reach of the waits above, so that what expires does so in the middle of a walk.
  const moment = fc.nat(18).map((tens) => instant(tens * TEN_MINUTES_MS));
  const asks = Object.entries(commands as Table).map(([type, schema]) => {
    const data = arbitraryOf(schema, { text: words, moment, named });
    const weight = weights[type] ?? 1;
    return { weight, arbitrary: fc.record({ type: fc.constant(type), data }) };
  });
  const ask = fc
    .tuple(fc.oneof(...asks), fc.record({ waitMs: wait, by: words }))
    .map(([command, circumstances]) => ({ ...command, ...circumstances }));
  return fc.array(ask, { minLength, maxLength, size: "max" });
}

/** A value that cannot be changed any more, nor anything in it: an attempt throws. */
export function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

/** Asks a decider: what it decides, or its refusal. Whatever else it throws is thrown on. */
export function ask(
  decider: AnyDecider,
  state: unknown,
  { type, data, by, at }: Omit<Ask, "waitMs"> & { at: string },
): { events: Happened[] } | { refusal: Refusal } {
  const decide = decider.decide[type] as AnyDecider["decide"][string];
  const parsed = (decider.commands as Table)[type]?.parse(data);
  try {
    return { events: frozen(decide(state, frozen(parsed), { id: SELF, at, by })) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { refusal: error };
  }
}

/** The state after one more event. */
export function fold<S>(decider: AnyDecider, state: S, event: Happened, at: string): S {
  const meta = {
    at,
    actor: { kind: "user", id: "ada" },
    organization: "acme",
    commandId: "command",
    correlationId: "command",
    schemaVersion: 1,
  } as const;
  return frozen(evolve(decider, state, { ...frozen(event), meta })) as S;
}

/**
 * Puts commands to a decider one after the other, and tells of each. `relate` replaces values that
 * follow from the state, such as the credential in force.
 */
export function walk<S>(
  decider: AnyDecider & { initial: S },
  asks: readonly Ask[],
  relate: (data: Ask["data"], state: S, index: number) => Ask["data"] = (data) => data,
): Step<S>[] {
  let state = frozen(decider.initial);
  let now = 0;
  return asks.map((asked, index) => {
    now += asked.waitMs;
    const at = instant(now);
    const before = state;
    const related = { ...asked, data: relate(asked.data, state, index), at };
    const answer = ask(decider, state, related);
    const { events, refusal } = { events: [], refusal: undefined, ...answer };
    for (const event of events) state = fold(decider, state, event, at);
    return { ...related, before, after: state, events, refusal };
  });
}

/** The events of a walk, each with when it was recorded. */
export const eventsOf = (steps: readonly Step<unknown>[]) =>
  steps.flatMap(({ events, at, by }) => events.map((event) => ({ ...event, at, by })));
