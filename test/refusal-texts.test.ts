import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { en } from "../apps/admin-web/src/texts/en.ts";

const root = join(import.meta.dirname, "..");
const sources = globSync("{packages/{domain,application},apps/api}/src/**/*.ts", { cwd: root });
const thrown =
  /\b(?:invalid|unauthenticated|forbidden|notFound|conflict|limited|unavailable)\(\s*"([^"]+)"/g;

/** Codes that only the product's own parts meet: no person is ever shown them. */
const internal =
  /^(claim|mail|organization|reaction)\/(?!unknown|under-way|expired)|^user\/exists$/;

// A code without a sentence would tell a person that something went wrong on our side.
test("every refusal that a person can meet has a sentence", () => {
  const codes = sources
    .filter((file) => !file.endsWith(".test.ts"))
    .flatMap((file) => [...readFileSync(join(root, file), "utf8").matchAll(thrown)])
    .map(([, code]) => String(code));
  expect(codes.length).toBeGreaterThan(20);
  const missing = new Set(codes.filter((code) => !internal.test(code) && !(code in en.refusals)));
  expect([...missing]).toEqual([]);
});
