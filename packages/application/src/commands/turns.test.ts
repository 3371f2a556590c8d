import { expect, test } from "vitest";
import { turns } from "./turns.ts";

test("under one name they run one after the other, in the order they were asked for", async () => {
  const takeTurns = turns();
  const said: string[] = [];
  const gate = Promise.withResolvers<void>();
  const slow = takeTurns("a", async () => {
    said.push("slow begins");
    await gate.promise;
    said.push("slow ends");
  });
  const next = takeTurns("a", async () => said.push("next"));
  await takeTurns("b", async () => said.push("another name"));
  gate.resolve();
  await Promise.all([slow, next]);
  expect(said).toEqual(["slow begins", "another name", "slow ends", "next"]);
});

test("what fails fails for itself alone", async () => {
  const takeTurns = turns();
  const failing = takeTurns("a", () => Promise.reject(new Error("no")));
  const next = takeTurns("a", async () => "yes");
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("yes");
});
