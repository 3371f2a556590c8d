import { describe, expect, test } from "vitest";
import { z } from "zod";
import { documentsOf, isPinned, pathsOf, textOf } from "./files.ts";

/** What is used of the specification: a name that is not in it is a mistake, or is to be added. */
const settings = z.record(z.string(), z.string());
const step = z.strictObject({
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  with: settings.optional(),
  run: z.string().optional(),
});
const leg = z.strictObject({
  node: z.number(),
  eventstore: z.string().optional(),
  tests: z.string().optional(),
});
const job = z.strictObject({
  "runs-on": z.literal("ubuntu-24.04"),
  "timeout-minutes": z.number(),
  strategy: z.strictObject({ matrix: z.strictObject({ include: z.array(leg) }) }).optional(),
  env: settings.optional(),
  steps: z.array(step),
});
const workflow = z.strictObject({
  name: z.string(),
  on: z.strictObject({ push: z.object({ branches: z.array(z.string()) }), pull_request: z.null() }),
  permissions: z.strictObject({ contents: z.literal("read") }),
  env: settings,
  jobs: z.record(z.string(), job),
});

const { jobs } = workflow.parse(documentsOf(".github/workflows/ci.yml")[0]);
const all = Object.values(jobs);
const steps = all.flatMap((one) => one.steps);
const commands = steps.flatMap(({ run }) => run ?? []).join("\n");
const legs = all.flatMap(({ strategy }) => strategy?.matrix.include ?? []);
const composed = [...textOf("docker-compose.yml").matchAll(/^ +image: (\S+)/gm)].map(
  ([, of]) => of,
);

describe("the workflow", () => {
  test("does one thing a step, by programs of one release", () => {
    for (const { uses, run } of steps) expect([uses, run].filter(Boolean)).toHaveLength(1);
    for (const { uses } of steps) if (uses) expect(uses).toMatch(/@v\d+$/);
  });

  test("runs what there is", () => {
    const { scripts } = JSON.parse(textOf("package.json"));
    const named = [...commands.matchAll(/npm (?:run )?([\w:]+)/g)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(1);
    for (const name of named) expect(Object.keys(scripts)).toContain(name);
    const tests = legs.flatMap((one) => one.tests?.split(" ") ?? []);
    expect(tests.length).toBeGreaterThan(1);
    for (const path of tests) expect([path, pathsOf(path)]).toEqual([path, [path]]);
  });

  test("knows every value that it fills in", () => {
    const text = textOf(".github/workflows/ci.yml");
    const names = [...text.matchAll(/matrix\.(\w+)/g)].map(([, name]) => name ?? "");
    expect(names).toContain("eventstore");
    for (const name of names) expect(Object.keys(leg.shape)).toContain(name);
  });

  // What is proven on other releases than those that are deployed is not proven of these.
  test("tests on the engines that are deployed", () => {
    const engines = legs.flatMap(({ eventstore }) => eventstore ?? []);
    expect(engines).toHaveLength(1);
    for (const image of engines) expect(composed).toContain(image);
    const mongo = /\bmongo:\S+/.exec(commands)?.[0] ?? "";
    for (const image of [mongo, ...engines]) expect(image).toSatisfy(isPinned);
    expect(composed).toContain(mongo.replace(/-\w+$/, ""));
  });
});
