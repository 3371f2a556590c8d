import { signIn } from "@daybook/domain";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Ask, asksOf, eventsOf, HOUR_MS, type Step, walk } from "./walk.ts";

type SignIn = typeof signIn.initial;

/** Every attempt has an id of its own; an outcome is of one of the last that have none yet. */
const relate = ({ attempt, ...data }: Ask["data"], { open }: SignIn, index: number) => {
  if (attempt === undefined) return data;
  const one = Object.keys(open).at(-1 - Number(attempt)) ?? "no attempt";
  return { ...data, attempt: "network" in data ? `attempt ${index}` : one };
};

const nobodySucceeds = { AcceptSignIn: 0, ClearSignInFailures: 0 };

const walksOf = (networks: number, drawing: Parameters<typeof asksOf>[1]) =>
  asksOf(signIn, {
    named: { attempt: fc.nat(2), network: fc.nat(networks - 1).map((of) => `network ${of}`) },
    maxLength: 250,
    ...drawing,
    weights: { AttemptSignIn: 60, RejectSignIn: 20, ...drawing?.weights },
  }).map((asks) => walk(signIn, asks, relate));

const few = walksOf(4, { weights: { AcceptSignIn: 3 } });
const many = walksOf(60, { weights: nobodySucceeds });
/** Guesses for days, until no more of them are granted. */
const patient = walksOf(60, {
  weights: nobodySucceeds,
  wait: fc.constantFrom(0, HOUR_MS),
  minLength: 200,
});

const holds = (
  walks: fc.Arbitrary<Step<SignIn>[]>,
  invariant: (steps: Step<SignIn>[]) => void,
  numRuns = 150,
) => fc.assert(fc.property(walks, invariant), { numRuns });

/** No guess behind the free ones comes before its wait is over, which doubles from 30 s to 1 h. */
function expectWaits(guesses: readonly { at: number }[], free: number) {
  for (const [n, { at }] of guesses.entries()) {
    const waited = at - (guesses[n - 1]?.at ?? 0);
    const wait = Math.min(30_000 * 2 ** (n - free), HOUR_MS);
    if (n >= free) expect(waited).toBeGreaterThanOrEqual(wait);
  }
}

/** The attempts of a walk in runs that nothing forgave: since a success or a clearing. */
function unforgiven(steps: readonly Step<SignIn>[], ends: (type: string, from: string) => boolean) {
  const networkOf = new Map<unknown, string>();
  const runs: { at: number; network: string }[][] = [[]];
  for (const { type, data, at } of eventsOf(steps)) {
    if (type === "SignInAttempted") {
      networkOf.set(data.attempt, String(data.network));
      runs.at(-1)?.push({ at: Date.parse(at), network: String(data.network) });
    } else if (ends(type, networkOf.get(data.attempt) ?? "")) runs.push([]);
  }
  return runs;
}

test("a network waits ever longer from the sixth guess on, until it has signed in", () =>
  holds(few, (steps) => {
    for (const network of new Set(steps.map(({ data }) => data.network))) {
      const ends = (type: string, from: string) =>
        type === "SignInFailuresCleared" || (type === "SignInSucceeded" && from === network);
      for (const run of unforgiven(steps, ends))
        expectWaits(
          run.filter((one) => one.network === network),
          5,
        );
    }
  }));

test("strangers wait ever longer from the 21st guess on, from however many networks", () =>
  holds(many, (steps) => expectWaits(unforgiven(steps, () => false).flat(), 20)));

test("strangers are granted a hundred guesses", () =>
  holds(
    patient,
    (steps) => {
      const guesses = steps.filter(({ before, after }) => after.failures > before.failures);
      expect(guesses.length).toBeLessThanOrEqual(100);
    },
    30,
  ));

test("failures are forgiven by a success or a clearing, and by nothing else", () =>
  holds(fc.oneof(few, many), (steps) => {
    for (const { type, before, after, events } of steps) {
      const { length } = events;
      if (type === "AttemptSignIn") {
        const isGuess = events[0]?.type === "SignInAttempted";
        expect(after.failures).toBe(before.failures + (isGuess ? 1 : 0));
      } else if (type === "RejectSignIn") expect(after.failures).toBe(before.failures);
      else if (length > 0) expect(after.failures).toBe(0);
    }
  }));

test("a success forgives its own network alone", () =>
  holds(few, (steps) => {
    for (const { type, data, before, after } of steps) {
      if (type !== "AcceptSignIn") continue;
      const { [before.open[String(data.attempt)] ?? ""]: _, ...others } = before.networks;
      expect(after.networks).toEqual(others);
    }
  }));

// Or somebody who fails on purpose could lock out whoever works there.
test("a network that signed in before and failed less than five times is let try", () =>
  holds(few, (steps) => {
    for (const { type, data, before, events } of steps) {
      const network = String(data.network);
      if (type !== "AttemptSignIn" || !before.known.includes(network)) continue;
      if ((before.networks[network]?.failures ?? 0) < 5)
        expect(events[0]?.type).toBe("SignInAttempted");
    }
  }));

// Each attempt reads the whole stream: a flood of them must not make it longer.
test("a network that waits is told so once between two guesses", () =>
  holds(fc.oneof(few, many), (steps) => {
    let told: unknown[] = [];
    for (const { type, data } of eventsOf(steps)) {
      if (type === "SignInRefused") {
        expect(told).not.toContain(data.network);
        told.push(data.network);
        expect(told.length).toBeLessThanOrEqual(50);
      } else if (type !== "SignInFailed") told = [];
    }
  }));

test("the state is bounded, however many networks and attempts there are", () =>
  holds(many, (steps) => {
    for (const { after } of steps) {
      const { networks, open, known, refused } = after;
      for (const size of [networks, open, known, refused].map((one) => Object.keys(one).length))
        expect(size).toBeLessThanOrEqual(50);
    }
  }));
