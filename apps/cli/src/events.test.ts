import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openStores } from "@daybook/adapters";
import type { Actor, RecordedEvent } from "@daybook/domain";
import { v7 as newId } from "uuid";
import { beforeAll, describe, expect, test } from "vitest";
import { newData, run, setUpAda, setUpFolders, start } from "./run.fixture.ts";

const setUp = setUpFolders();

/** Records an event as another version or a program of the system might. */
async function append(
  data: string,
  type: string,
  fields: Record<string, unknown>,
  at: string,
  actor: Actor = { kind: "program", id: "import" },
) {
  const stores = await openStores({ data, key: undefined });
  const meta = {
    at,
    actor,
    organization: "home",
    commandId: newId(),
    correlationId: newId(),
    schemaVersion: 1,
  } as const;
  await stores.events.append(`legacy-${newId()}`, "none", [
    { id: newId(), type, data: fields, meta },
  ]);
  await stores.close();
}

const parse = (lines: string): RecordedEvent[] =>
  lines
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));

async function read(data: string, ...args: string[]): Promise<RecordedEvent[]> {
  const { code, stdout, stderr } = await run(data, ["events", "--format", "jsonl", ...args]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return parse(stdout);
}

const types = (events: RecordedEvent[]) => events.map(({ type }) => type);

const everything = [
  "OrganizationCreated",
  "ClaimTaken",
  "ClaimTaken",
  "UserCreated",
  "PasswordAssigned",
  "MemberAdded",
];

describe("on a log", () => {
  let data: string;
  let all: RecordedEvent[];
  beforeAll(async () => {
    let remove: (() => void) | undefined;
    data = setUp((run) => {
      remove = run;
    });
    all = await read(data);
    return remove;
  });

  test("JSON lines hold the whole events in order, without hashes", () => {
    expect(types(all)).toEqual(everything);
    expect(all.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(all[3]?.data.email).toBe("ada@northwind.example");
    expect(all[4]?.data.hash).toBe("…");
    expect(all[4]?.meta.actor).toEqual({ kind: "system", id: "setup" });
  });

  test("the table is for people: a header, numbers to the right, no hashes", async () => {
    const { code, stdout } = await run(data, ["events"]);
    expect(code).toBe(0);
    const lines = stdout.split("\n").slice(0, -1);
    expect(lines[0]).toMatch(/^TIME \(UTC\) +POSITION +STREAM +TYPE +ACTOR +SUMMARY$/);
    expect(lines).toHaveLength(7);
    expect(lines[4]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {9}4 {2}user-/);
    expect(lines[4]).toContain("email=ada@northwind.example firstName=Ada");
    expect(stdout).not.toMatch(/hash|argon2/);
  });

  test.each([60, 80, 120, 200])("at %d columns no line is longer than that", async (columns) => {
    const { stdout } = await run(data, ["events"], { COLUMNS: String(columns) });
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
    expect(stdout).toContain("UserCreated");
    expect(stdout).toContain("about ada");
  });

  test("by type", async () =>
    expect(types(await read(data, "--type", "UserCreated, MemberAdded"))).toEqual([
      "UserCreated",
      "MemberAdded",
    ]));

  test("by category, by stream, and by its name as the table cuts it", async () => {
    const ofUsers = ["UserCreated", "PasswordAssigned"];
    const stream = all[3]?.stream as string;
    expect(types(await read(data, "--stream", "user-"))).toEqual(ofUsers);
    expect(types(await read(data, "--stream", stream))).toEqual(ofUsers);
    expect(types(await read(data, "--stream", `user-…${stream.slice(-8)}`))).toEqual(ofUsers);
    expect(await read(data, "--stream", "user-x")).toEqual([]);
  });

  test("by subject: an id, a username, an address", async () => {
    const about = everything.slice(1);
    const id = all[3]?.meta.subject as string;
    for (const who of [id, "ada", "ADA", "ada@northwind.example"])
      expect(types(await read(data, "--subject", who))).toEqual(about);
    const { code, stderr } = await run(data, ["events", "--subject", "eve"]);
    expect(code).toBe(1);
    expect(stderr).toBe("daybook: nobody goes by the name eve\n");
  });

  test("by actor: a part of the system, a person", async () => {
    expect(types(await read(data, "--actor", "setup"))).toEqual(everything);
    expect(await read(data, "--actor", "ada")).toEqual([]);
  });

  test("by time: since is included, until is not", async () => {
    const at = all[3]?.meta.at as string;
    expect(types(await read(data, "--since", at))).toContain("UserCreated");
    expect(types(await read(data, "--until", at))).not.toContain("UserCreated");
    expect(await read(data, "--since", "1h")).toHaveLength(6);
    expect(await read(data, "--until", "1h")).toEqual([]);
  });

  test("--limit gives the newest", async () => {
    expect(types(await read(data, "--limit", "2"))).toEqual(["PasswordAssigned", "MemberAdded"]);
    expect(await read(data, "--limit", "0")).toEqual([]);
    expect(types(await read(data, "--limit", "all"))).toEqual(everything);
  });

  test("where nothing matches it says so, beside the output", async () => {
    const { code, stdout, stderr } = await run(data, ["events", "--type", "Nope"]);
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toContain("this version of Daybook records no events of type Nope");
    expect(stderr).toContain("no events match");
  });

  test("a reader that has enough ends it quietly", async () => {
    const { child, ended } = start(data, ["events", "--follow", "--format", "jsonl"]);
    child.stdout?.once("data", () => child.stdout?.destroy());
    await new Promise((resolve) => child.stdout?.once("close", resolve));
    await append(data, "Legacy", {}, "2020-01-01T00:00:00.000Z");
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([0, ""]);
  });
});

test("who acted is found and shown by username", async () => {
  const data = setUp();
  const [created] = await read(data, "--type", "UserCreated");
  const ada: Actor = { kind: "user", id: created?.meta.subject as string };
  await append(data, "Legacy", {}, "2020-01-01T00:00:00.000Z", ada);
  for (const who of ["ada", "ada@northwind.example", ada.id])
    expect(types(await read(data, "--actor", who))).toEqual(["Legacy"]);
  const { stdout } = await run(data, ["events", "--actor", "ada"]);
  expect(stdout).toMatch(/ Legacy {2}ada$/m);
});

test("control characters from data do not reach the terminal", async () => {
  const data = setUp();
  const name = "\u001b[31mred\u009b2J\u007f\u202egnirts\n\u0000";
  await append(data, "Legacy", { name, [name]: 1, hash: name }, "2020-01-01T00:00:00.000Z");
  for (const format of ["table", "jsonl"]) {
    const { stdout } = await run(data, ["events", "--limit", "1", "--format", format]);
    expect(stdout).toContain("red");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
  expect((await read(data, "--limit", "1"))[0]?.data.name).toBe(name);
});

test("what was erased is shown as erased", async () => {
  const data = setUp();
  const state = new DatabaseSync(join(data, "state.db"));
  state.exec('UPDATE "keys" SET doc = NULL');
  state.close();
  const { stdout } = await run(data, ["events", "--type", "UserCreated"]);
  expect(stdout).toContain("about erased");
  expect(stdout).toContain("email=erased firstName=erased");
  expect(stdout).not.toContain("northwind");
});

test.each([[["SIGINT"]], [["SIGTERM"]], [["SIGINT", "SIGINT"]]])(
  "--follow shows what other processes append, and ends at %s with exit code 0",
  async (signals) => {
    const data = setUp();
    const jsonl = start(data, ["events", "--follow", "--limit", "1", "--format", "jsonl"]);
    const table = start(data, ["events", "--follow"]);
    await Promise.all([jsonl.shows("MemberAdded"), table.shows("MemberAdded")]);
    await append(data, "Legacy", { text: "from elsewhere" }, new Date().toISOString());
    await Promise.all([jsonl.shows("from elsewhere"), table.shows("from elsewhere")]);
    for (const signal of signals)
      for (const { child } of [jsonl, table]) child.kill(signal as NodeJS.Signals);
    for (const { ended } of [jsonl, table]) expect((await ended).code).toBe(0);
    expect(types(parse(jsonl.stdout()))).toEqual(["MemberAdded", "Legacy"]);
  },
);

test("--follow on a log that is still empty sees the set-up of another process", async () => {
  const data = newData();
  await (await openStores({ data, key: undefined })).close();
  const follower = start(data, ["events", "--follow"]);
  await follower.shows("SUMMARY\n");
  await setUpAda(data);
  await follower.shows("MemberAdded");
  follower.child.kill("SIGINT");
  const { code, stdout } = await follower.ended;
  expect(code).toBe(0);
  expect(stdout.trim().split("\n")).toHaveLength(7);
});

test("what follows ends with the process that started it, however that dies", async () => {
  const data = setUp();
  const { child, shows, ended } = start(data, ["events", "--follow"]);
  await shows("MemberAdded");
  child.kill("SIGKILL");
  // The pipes close when the last process that holds them has ended.
  expect((await ended).stderr).toBe("");
});

test("a folder without an installation is an error, and is left as it is", async () => {
  const data = newData();
  const says = `daybook: there is no installation in ${data}: start the server or run npx daybook setup\n`;
  expect(await run(data, ["events"])).toEqual({ code: 1, stdout: "", stderr: says });
  expect(existsSync(data)).toBe(false);
  mkdirSync(data);
  expect(await run(data, ["events", "--follow"])).toEqual({ code: 1, stdout: "", stderr: says });
  expect(existsSync(join(data, "events.db"))).toBe(false);
});
