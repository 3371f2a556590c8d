import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import { run, setUpFolders } from "./run.fixture.ts";

/** Changes a read model behind the product's back. */
function tamper(data: string, sql: string) {
  const db = new DatabaseSync(join(data, "views.db"));
  const { changes } = db.prepare(sql).run();
  db.close();
  expect(changes).toBe(1);
}

const rename = `UPDATE "accounts-1" SET doc = json_set(doc, '$.lastName', 'Byron')`;

type Line = { projection: string; collection: string; documents: number; checksum: string };

async function verified(data: string): Promise<Line[]> {
  const { code, stdout } = await run(data, ["verify", "--format", "jsonl"]);
  expect(code).toBe(0);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const setUp = setUpFolders();
let data: string;
beforeEach(() => {
  data = setUp();
});

describe("verify", () => {
  test("finds what the commands have folded to be what the log says", async () => {
    const { code, stdout, stderr } = await run(data, ["verify"]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^accounts +\d+ +1 +0 +[0-9a-f]{32} +equal$/m);
  });

  test.each([
    ["changed", rename, /^accounts \S+ differs in lastName$/m],
    ["deleted", 'DELETE FROM "accounts-1"', /^ {2}stored {4}null$/m],
    [
      "made up",
      `INSERT INTO "memberships-1" (id, guard, doc) VALUES ('x', 0, '{"id":"x"}')`,
      /^memberships x differs in id\n {2}stored {4}\{"id":"x"\}\n {2}replayed {2}null$/m,
    ],
  ])("shows a document that was %s in both versions, and fails", async (_, sql, expected) => {
    // Whoever runs the projections has folded everything: nothing may be missing any more.
    await run(data, ["rebuild", "organizations"]);
    tamper(data, sql);
    const { code, stdout, stderr } = await run(data, ["verify"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(expected);
    expect(stderr).toMatch(/^daybook: 1 of \d projections differ/);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("shows no secret, but that it differs", async () => {
    await run(data, ["rebuild", "organizations"]);
    tamper(data, `UPDATE "accounts-1" SET doc = json_set(doc, '$.hash', '$argon2id$forged')`);
    const { code, stdout } = await run(data, ["verify", "accounts"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/differs in hash$/m);
    expect(stdout).not.toContain("argon2id");
  });

  test("refuses a projection that there is not", async () => {
    const { code, stderr } = await run(data, ["verify", "poeple"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^daybook: there is no projection poeple: they are .*people/);
  });
});

describe("rebuild", () => {
  test("puts right what was tampered with, and gives the same checksum", async () => {
    await run(data, ["rebuild", "organizations"]);
    const before = await verified(data);
    tamper(data, rename);
    const { code, stdout } = await run(data, ["rebuild", "accounts"]);
    expect(stdout).toMatch(
      /^accounts was built again and serves: 1 documents, checksum [0-9a-f]+$/m,
    );
    expect(code).toBe(0);
    const after = await verified(data);
    const of = (lines: Line[]) => lines.find(({ projection }) => projection === "accounts");
    expect(of(after)).toMatchObject({ checksum: of(before)?.checksum, documents: 1 });
    expect(of(after)?.collection).not.toBe(of(before)?.collection);
    const db = new DatabaseSync(join(data, "views.db"));
    const old = db
      .prepare("SELECT 1 FROM sqlite_schema WHERE name = ?")
      .get(of(before)?.collection as string);
    db.close();
    expect(old).toBeUndefined();
  });

  test("refuses a projection that there is not", async () => {
    const { code, stderr } = await run(data, ["rebuild", "poeple"]);
    expect(code).toBe(2);
    expect(stderr).toContain("there is no projection poeple");
  });
});
