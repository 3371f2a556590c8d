import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { newData, run, setUpAda, setUpFolders } from "./run.fixture.ts";

const setUp = setUpFolders();

const events = async (data: string) =>
  (await run(data, ["events", "--limit", "all", "--format", "jsonl"])).stdout;

const checksumIn = (text: string) => /Their checksum is ([0-9a-f]{64})\./.exec(text)?.[1];

test("what was moved to another folder is an installation there", async () => {
  const data = setUp();
  const target = join(dirname(data), "target");
  const moved = await run(data, ["migrate", "--to-data", target]);
  expect(moved).toMatchObject({ code: 0, stderr: "" });
  expect(moved.stdout).toContain(`Migrated to ${join(target, "events.db")} and`);
  expect(moved.stdout).toContain("are the same: 6 events, of which 6 were copied now.");
  expect(moved.stdout).toContain(`the server.key that is in ${target}`);
  expect(await events(target)).toBe(await events(data));

  const again = await run(data, ["migrate", "--to-data", target]);
  expect(again.stdout).toContain("are the same: 6 events, of which 0 were copied now.");
  expect(checksumIn(again.stdout)).toBe(checksumIn(moved.stdout));
  // What the set-up made is found in the copy: it is not made a second time.
  expect((await setUpAda(target)).stdout).toContain("was already set up");
});

test("a key that is not kept in the folder is the operator's to give, and is not shown", async () => {
  const data = newData();
  const key = Buffer.alloc(32, 5).toString("base64");
  await run(data, ["setup", "--email", "ada@northwind.example"], { DAYBOOK_KEY: key });
  const target = join(dirname(data), "target");
  const { code, stdout } = await run(data, ["migrate", "--to-data", target], { DAYBOOK_KEY: key });
  expect(code).toBe(0);
  expect(stdout).toContain("The target needs the same DAYBOOK_KEY.");
  expect(stdout).not.toContain(key);
  expect(existsSync(join(target, "server.key"))).toBe(false);
});

test("a failure names no password", async () => {
  const data = setUp();
  // Nobody listens on the port that nothing can be given.
  const { code, stderr } = await run(data, ["migrate", "--to-data", join(data, "target")], {
    TARGET_MONGODB_URL: "mongodb://ada:hidden@127.0.0.1:1/",
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^daybook: MongoDB: [^\n]+\n$/);
  expect(stderr).not.toContain("hidden");
});

test.each([
  [["migrate"], 2, "give the target: --to-eventstore and --to-mongodb, or --to-data"],
  [["migrate", "--to-mongodb", "db.example"], 2, "the target's MONGODB_URL: an address"],
  [["migrate", "--to-eventstore", "http://db.example"], 2, "the target's EVENTSTORE_URL"],
  [["migrate", "--to-data", "/nowhere"], 1, "there is no installation in"],
])("%j is one line", async (args, exit, says) => {
  const data = newData();
  const { code, stdout, stderr } = await run(data, args);
  expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
  expect(stderr).toMatch(/^daybook: [^\n]+\n$/);
  expect(stderr).toContain(says);
  expect(existsSync(data)).toBe(false);
});

test("the folder itself is no target", async () => {
  const data = setUp();
  expect(await run(data, ["migrate", "--to-data", data])).toMatchObject({
    ...{ code: 1, stdout: "" },
    stderr: expect.stringContaining("would lie where the source's are"),
  });
});
