import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newData, run, setUpFolders } from "./run.fixture.ts";

const setUp = setUpFolders();
const oneLine = /^daybook: [^\n]+\n$/;

test("the help of each command shows its defaults and examples", async () => {
  const data = newData();
  const [all, setup, events] = await Promise.all([
    run(data, ["--help"]),
    run(data, ["setup", "--help"]),
    run(data, ["events", "--help"]),
  ]);
  for (const { code, stderr } of [all, setup, events]) {
    expect(code).toBe(0);
    expect(stderr).toBe("");
  }
  expect(all.stdout).toContain("npx daybook setup\n");
  expect(setup.stdout).toContain("--username <name>");
  expect(setup.stdout).toContain('(default: "admin")');
  expect(events.stdout).toContain("(default: 50)");
  expect(events.stdout.match(/^ {2}npx daybook events /gm)).toHaveLength(3);
});

test("--version shows the version", async () => {
  const { code, stdout } = await run(newData(), ["--version"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("without a command the help is shown, as a mistake", async () => {
  const { code, stdout, stderr } = await run(newData(), []);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain("Usage: daybook");
});

test.each([
  [["frobnicate"], "unknown command 'frobnicate'"],
  [["event"], "(Did you mean events?)"],
  [["events", "--frob"], "unknown option '--frob'"],
  [["events", "extra"], "too many arguments"],
  [["events", "--format", "xml"], "table, jsonl"],
  [["events", "--limit", "-1"], "--limit"],
  [["events", "--since", "2026-02-31"], "--since"],
  [["events", "--since", "1h", "--until", "2h"], "--since"],
  [["events", "--follow", "--until", "1h"], "'--until"],
  [["events", "--stream", "user"], "--stream"],
  [["events", "--type", ","], "--type"],
  [["frob\u001b[31m\nnicate"], "frob"],
])("%j is one line and exit code 2", async (args, says) => {
  const data = newData();
  const { code, stdout, stderr } = await run(data, args);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(oneLine);
  expect(stderr).toContain(says);
  expect(stderr).not.toContain("\u001b");
  expect(existsSync(data)).toBe(false);
});

describe("a failure is one line and exit code 1, without a stack trace", () => {
  const commands = [["events"], ["setup", "--email", "ada@northwind.example"]];

  async function fails(data: string, args: string[], says: string | RegExp, env = {}) {
    const { code, stdout, stderr } = await run(data, args, env);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(says);
  }

  test.each(commands)("%s where the data folder is a file", async (...args) => {
    const data = newData();
    writeFileSync(data, "not a folder");
    await fails(data, args, "is not a folder");
  });

  test.each(commands)("%s where the log is damaged", async (...args) => {
    const data = setUp();
    for (const suffix of ["-wal", "-shm"])
      rmSync(join(data, `events.db${suffix}`), { force: true });
    writeFileSync(join(data, "events.db"), "damaged ".repeat(1000));
    await fails(data, args, "events.db");
  });

  // Another key in its place would make what is sealed unreadable, with a misleading reason.
  test.each(commands)("%s where the server's key is missing", async (...args) => {
    const data = setUp();
    rmSync(join(data, "server.key"));
    await fails(data, args, "server.key is missing");
    expect(existsSync(join(data, "server.key"))).toBe(false);
  });

  test.each(commands)("%s where a setting is unknown", async (...args) =>
    fails(newData(), args, "DAYBOOK_DAAT", { DAYBOOK_DAAT: "x" }),
  );

  test("unless DAYBOOK_LOG=debug asks for it", async () => {
    const { code, stderr } = await run(newData(), ["events"], { DAYBOOK_LOG: "debug" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^daybook: there is no installation in .+\nConfigError: .+\n +at /);
  });
});
