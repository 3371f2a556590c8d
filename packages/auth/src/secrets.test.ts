import { serverKeys } from "@daybook/adapters";
import { describe, expect, test } from "vitest";
import { readResetToken, resetToken, temporaryPassword } from "./secrets.ts";

const keys = serverKeys(Buffer.alloc(32, 1));
const otherKeys = serverKeys(Buffer.alloc(32, 2));

describe("a temporary password", () => {
  test("has 16 characters of four classes", () => {
    for (let n = 0; n < 200; n++) {
      const password = temporaryPassword(keys, "ada", `credential-${n}`);
      expect(password).toHaveLength(16);
      for (const one of [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/]) expect(password).toMatch(one);
    }
  });

  test("is the same again for the same credential, and for no other", () => {
    const password = temporaryPassword(keys, "ada", "one");
    expect(temporaryPassword(keys, "ada", "one")).toBe(password);
    expect(temporaryPassword(keys, "ada", "two")).not.toBe(password);
    expect(temporaryPassword(keys, "grace", "one")).not.toBe(password);
    expect(temporaryPassword(otherKeys, "ada", "one")).not.toBe(password);
  });
});

describe("a reset token", () => {
  test("names whom and which request it is for", () =>
    expect(readResetToken(keys, resetToken(keys, "ada", "request"))).toEqual({
      user: "ada",
      request: "request",
    }));

  test.each([
    ["of another server", resetToken(otherKeys, "ada", "request")],
    ["with another person in it", resetToken(keys, "ada", "request").replace("ada", "eve")],
    ["cut off", resetToken(keys, "ada", "request").slice(0, -1)],
    ["with more behind it", `${resetToken(keys, "ada", "request")}.x`],
    ["of nothing", ""],
  ])("%s is none", (_, token) => expect(readResetToken(keys, token)).toBeUndefined());
});
