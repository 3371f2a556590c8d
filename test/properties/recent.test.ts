import { recentlyUsed } from "@daybook/adapters";
import { expect, test } from "vitest";

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => String(from + at));

test("those used last are kept, and no more than twice as many", () => {
  const cache = recentlyUsed<string>(10);
  for (const key of numbers(0, 1000)) cache.set(key, key);
  for (const key of numbers(990, 1000)) expect(cache.get(key)).toBe(key);
  const kept = numbers(0, 1000).filter((key) => cache.get(key) !== undefined);
  expect(kept.length).toBeLessThanOrEqual(20);
});

test("what is looked at again and again stays", () => {
  const cache = recentlyUsed<string>(10);
  cache.set("mine", "here");
  for (const key of numbers(0, 1000)) {
    cache.set(key, key);
    expect(cache.get("mine")).toBe("here");
  }
});

test("what was deleted or replaced does not come back from the older generation", () => {
  const cache = recentlyUsed<string>(2);
  for (const key of ["a", "b", "c"]) cache.set(key, "old");
  cache.delete("a");
  cache.set("b", "new");
  expect(cache.get("a")).toBeUndefined();
  expect(cache.get("b")).toBe("new");
});
