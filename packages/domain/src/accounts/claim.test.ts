import { describe, expect, test } from "vitest";
import { spec } from "../kernel/spec.ts";
import { claim } from "./claim.ts";

const { given } = spec(claim);

const takenBy = (owner: string, token: string) => ({
  type: "ClaimTaken" as const,
  data: { owner, token },
});
const released = (token: string) => ({ type: "ClaimReleased" as const, data: { token } });

const take = (owner: string, token: string, instead?: string) => ({
  type: "TakeClaim",
  data: { owner, token, ...(instead && { instead }) },
});
const release = (token: string) => ({ type: "ReleaseClaim", data: { token } });

describe("taking", () => {
  test("a free value holds it", () =>
    given().when(take("grace", "one")).then(takenBy("grace", "one")));

  test("again with the same token changes nothing", () =>
    given(takenBy("grace", "one")).when(take("grace", "one")).then());

  test("somebody else's is refused", () =>
    given(takenBy("grace", "one")).when(take("mary", "two")).refuses("claim/taken"));

  test("one's own with another token is refused too", () =>
    given(takenBy("grace", "one")).when(take("grace", "two")).refuses("claim/taken"));

  test("one that was given free is possible", () =>
    given(takenBy("grace", "one"), released("one"))
      .when(take("mary", "two"))
      .then(takenBy("mary", "two")));

  test("instead of the one that was shut out is possible", () =>
    given(takenBy("grace", "one"))
      .when(take("mary", "two", "one"))
      .then(takenBy("mary", "two")));

  // Two who both shut the first out: only one of them gets it.
  test("instead of one that is replaced already is refused", () =>
    given(takenBy("grace", "one"), takenBy("mary", "two"))
      .when(take("joan", "three", "one"))
      .refuses("claim/taken"));
});

describe("releasing", () => {
  test("gives the value free", () =>
    given(takenBy("grace", "one")).when(release("one")).then(released("one")));

  test("what one does not hold changes nothing", () => {
    given().when(release("one")).then();
    given(takenBy("mary", "two")).when(release("one")).then();
    given(takenBy("grace", "one"), released("one")).when(release("one")).then();
  });
});

test("the state tells who holds it since when", () => {
  const state = given().when(take("grace", "one"), { at: "2026-01-01T13:00:00.000Z" }).state();
  expect(state).toEqual({
    holder: { owner: "grace", token: "one", at: "2026-01-01T13:00:00.000Z" },
  });
  expect(given(takenBy("grace", "one")).when(release("one")).state()).toEqual({});
});
