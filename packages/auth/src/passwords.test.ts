import { expect, test } from "vitest";
import { hashPassword, verifyPassword } from "./passwords.ts";

const password = "four wooden horses at noon";

// The parameters travel with the hash, so that they can be raised without losing anybody.
test("a password is hashed with argon2id, 19 MiB, 2 passes, and a salt of its own", async () => {
  const [one, another] = await Promise.all([hashPassword(password), hashPassword(password)]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(one).not.toBe(another);
});

test("is verified exactly as it was sent", async () => {
  const hash = await hashPassword(password);
  expect(await verifyPassword(hash, password)).toBe(true);
  for (const wrong of [`${password} `, password.toUpperCase(), password.slice(0, -1), ""])
    expect(await verifyPassword(hash, wrong)).toBe(false);
});

test("nobody has no password, not even the decoy", async () => {
  expect(await verifyPassword(undefined, "the password of nobody")).toBe(false);
});
