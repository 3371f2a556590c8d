import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { newData, run, setUpAda } from "./run.fixture.ts";

const events = async (data: string) =>
  (await run(data, ["events", "--limit", "all", "--format", "jsonl"])).stdout;

test("what was backed up comes back on an empty machine", async () => {
  const data = newData();
  const copy = join(dirname(data), "copy");
  await setUpAda(data);
  const before = await events(data);
  const made = await run(data, ["backup", copy]);
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(made.stdout).toContain(`Backed up to ${copy}, and read to its end: 6 events`);
  expect(made.stdout).toContain("It holds the server's key, which opens everything in it");

  expect(await run(data, ["backup", copy])).toMatchObject({
    ...{ code: 1, stdout: "" },
    stderr: `daybook: ${copy} is not empty: give a folder that is not there yet\n`,
  });
  expect(await run(data, ["restore", copy])).toMatchObject({
    ...{ code: 1, stdout: "" },
    stderr: `daybook: there is an installation in ${data}: --replace moves it aside\n`,
  });

  rmSync(data, { recursive: true });
  const restored = await run(data, ["restore", copy]);
  expect(restored).toMatchObject({ code: 0, stderr: "" });
  expect(restored.stdout).toContain("6 events up to position 6");
  expect(restored.stdout).toContain("everybody signs in again");
  expect(await events(data)).toBe(before);

  const replaced = await run(data, ["restore", copy, "--replace"]);
  const [, aside = ""] = /What was there before lies in (\S+): /.exec(replaced.stdout) ?? [];
  expect(existsSync(join(aside, "events.db"))).toBe(true);
});

test("a back-up that holds no key says so", async () => {
  const data = newData();
  const env = { DAYBOOK_KEY: Buffer.alloc(32, 5).toString("base64") };
  await run(data, ["setup", "--email", "ada@northwind.example"], env);
  const copy = join(dirname(data), "copy");
  const { code, stdout } = await run(data, ["backup", copy], env);
  expect(code).toBe(0);
  expect(stdout).toContain("It does not hold DAYBOOK_KEY");
  expect(await run(data, ["restore", copy, "--replace"])).toMatchObject({
    ...{ code: 1, stdout: "" },
    stderr: `daybook: ${copy} was sealed under another server key: give its DAYBOOK_KEY\n`,
  });
});

test.each([
  [["backup"], 2, "missing required argument 'folder'"],
  [["restore"], 2, "missing required argument 'folder'"],
  [["backup", "copy"], 1, "there is no installation in"],
  [["restore", "/nowhere"], 1, "/nowhere is no back-up that was completed"],
])("%j is one line", async (args, exit, says) => {
  const data = newData();
  const { code, stdout, stderr } = await run(data, args);
  expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
  expect(stderr).toMatch(/^daybook: [^\n]+\n$/);
  expect(stderr).toContain(says);
  expect(existsSync(data)).toBe(false);
});
