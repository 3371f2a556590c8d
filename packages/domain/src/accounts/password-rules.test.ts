import { describe, expect, test } from "vitest";
import { passwordWeakness } from "./password-rules.ts";

const grace = {
  username: "amazing.grace",
  email: "hopper@navy.example",
  firstName: "Grace",
  lastName: "Hopper",
};

describe("a password of the person's own words", () => {
  test.each([
    "gracehopper1906",
    "GRACEHOPPER!!",
    "amazing.grace1",
    "hopper@navy.example",
    "daybook-daybook",
    "Daybook2026!",
    "hopperhopperhopper",
  ])("%j is refused", (password) => expect(passwordWeakness(password, grace)).toBe("context"));

  test.each([
    "grace under tall pressure",
    "the daybook of my cat Miso",
    "nanoseconds are 11.8 inches",
  ])("%j has a secret of its own", (password) =>
    expect(passwordWeakness(password, grace)).toBeUndefined(),
  );

  test("words are those of this person", () =>
    expect(passwordWeakness("gracehopper1906", { username: "ada" })).toBeUndefined());

  // "Bo" stands in many a good password by chance.
  test("short words do not count", () => {
    const bo = { username: "bob", firstName: "Bo", lastName: "Li", email: "bo@li.example" };
    expect(passwordWeakness("bobolitude!7", bo)).toBeUndefined();
  });

  test("the end of an address is not a word of theirs", () => {
    const person = { email: "x@mail.horsebattery" };
    expect(passwordWeakness("horsebattery12", person)).toBeUndefined();
  });
});

describe("a pattern", () => {
  test.each([
    "aaaaaaaaaaaa",
    "abababababab",
    "abcdabcdabcd",
    "abcdefghijklmnop",
    "123456789012",
    "987654321098",
  ])("%j is refused", (password) => expect(passwordWeakness(password, {})).toBe("pattern"));
});

// NIST SP 800-63B-4, 3.1.1.2: no rules on which characters there must be.
test.each(["correct horse battery", "пароль из слов", "zwölf boxkämpfer"])(
  "%j is accepted without digits or signs",
  (password) => expect(passwordWeakness(password, {})).toBeUndefined(),
);
