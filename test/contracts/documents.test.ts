import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  type DocumentStore,
  type GuardedWrite,
  openSqliteDocuments,
  scoped,
} from "@daybook/adapters";
import { openMongoDocuments } from "@daybook/adapters/mongodb";
import type { Row } from "@daybook/projections";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { temporaryFolder } from "../support/folder.ts";
import { onMongo } from "../support/mongodb.ts";
import { documentsContract } from "./documents-contract.ts";
import { mongoDocuments } from "./documents-mongodb.ts";

documentsContract("SQLite, for read models", (folder) =>
  openSqliteDocuments(join(folder, "views.db"), "NORMAL"),
);

onMongo("MongoDB", (mongo) => {
  const open = (folder: string) =>
    openMongoDocuments(mongo.url(), { database: mongo.database(folder) });
  documentsContract("documents", open);
  mongoDocuments(mongo, open);
});

describe("a file that two write to", () => {
  const place = temporaryFolder();
  const query = { where: {}, sort: ["count"], direction: "ascending", limit: 10 } as const;
  type Counted = Row & { count: number };

  const steps = fc.sample(
    fc.record({ by: fc.nat(1), id: fc.constantFrom("1", "2", "3"), look: fc.boolean() }),
    { numRuns: 400, seed: 1 },
  );

  test("whoever asks sees what either has written, however often it was asked before", async () => {
    const open = () => place.opened(openSqliteDocuments(place.file("views.db"), "NORMAL"));
    const stores = [await open(), await open()] as const;
    for (const store of stores) await store.ensure({ name: "counts-1", indexes: [["count"]] });
    const counts = new Map<string, number>();
    for (const { by, id, look } of steps) {
      const after = counts.get(id);
      const guard = (after ?? 0) + 1;
      const row: Counted = { id, organization: "", count: guard };
      const write = { id, row, guard, after } as GuardedWrite;
      expect(await stores[by]?.write("counts-1", [write])).toEqual([]);
      counts.set(id, guard);
      // A request comes in a later turn than the answer that it follows.
      await new Promise(setImmediate);
      if (!look) continue;
      for (const store of stores) {
        for (const [one, count] of counts)
          expect(await store.get("counts-1", one)).toMatchObject({ row: { count } });
        const { rows } = await store.find<Counted>("counts-1", query);
        expect(new Map(rows.map((found) => [found.id, found.count]))).toEqual(counts);
        expect(await store.count("counts-1", { where: {} }, 10)).toBe(counts.size);
      }
    }
  });
});

describe("documents of one organization", () => {
  const place = temporaryFolder();
  type Note = Row & { text: string };

  async function opened(): Promise<DocumentStore> {
    const store = await place.opened(openSqliteDocuments(place.file("views.db"), "NORMAL"));
    await store.ensure({ name: "notes-1", indexes: [["organization", "text"]] });
    const row = (id: string, organization: string): Note => ({ id, organization, text: "same" });
    const rows = [row("1", "acme"), row("2", "globex"), row("3", "acme")];
    const writes = rows.map((one) => ({ id: one.id, row: one, guard: 1, after: undefined }));
    await store.write("notes-1", writes);
    return store;
  }
  const byText = { sort: ["text"], direction: "ascending", limit: 10 } as const;

  test("another's is not shown, whatever is asked", async () => {
    const acme = scoped(await opened(), "acme");
    expect(await acme.get("notes-1", "1")).toMatchObject({ id: "1" });
    expect(await acme.get("notes-1", "2")).toBeUndefined();
    for (const where of [{}, { organization: "globex" }, { organization: { prefix: "" } }]) {
      const { rows } = await acme.find<Note>("notes-1", { ...byText, where });
      expect(rows.map(({ id }) => id)).toEqual(["1", "3"]);
      expect(await acme.count("notes-1", { where })).toBe(2);
    }
    const anyOf = [{ organization: "globex" }, { text: "same" }];
    expect(await acme.count("notes-1", { where: {}, anyOf })).toBe(2);
  });

  test("a cursor of another organization shows nothing of it", async () => {
    const store = await opened();
    const page = await scoped(store, "acme").find("notes-1", { ...byText, where: {}, limit: 1 });
    const cursor = page.cursor ?? expect.fail();
    const { rows } = await scoped(store, "globex").find("notes-1", {
      ...byText,
      where: {},
      cursor,
    });
    expect(rows.map(({ id }) => id)).toEqual(["2"]);
  });
});

describe("a file that is written to without pause", () => {
  const place = temporaryFolder();
  /** Of 4 KiB: more than the write-ahead log may hold. */
  const PAGES = 12_000;
  const AT_ONCE = 500;

  test("is brought up meanwhile, and whole once it is closed", async () => {
    const file = place.file("views.db");
    const store = await place.opened(openSqliteDocuments(file, "NORMAL"));
    await store.ensure({ name: "large", indexes: [] });
    const text = "x".repeat(4000);
    for (let from = 0; from < PAGES; from += AT_ONCE) {
      const writes = Array.from({ length: AT_ONCE }, (_, at) => {
        const row = { id: String(from + at), organization: "acme", text };
        return { id: row.id, row, guard: 1, after: undefined };
      });
      await store.write("large", writes);
    }
    const db = new DatabaseSync(file);
    // https://sqlite.org/pragma.html#pragma_wal_checkpoint: it tells, and copies nothing.
    const told = db.prepare("PRAGMA wal_checkpoint(NOOP)");
    const { checkpointed } = await eventually(async () => {
      const now = told.get() as { log: number; checkpointed: number };
      return now.log - now.checkpointed < PAGES / 2 ? now : undefined;
    });
    expect(checkpointed).toBeGreaterThan(0);
    db.close();
    await place.closed(store);
    expect(statSync(`${file}-wal`).size).toBe(0);
    const reopened = await place.opened(openSqliteDocuments(file, "NORMAL"));
    const last = String(PAGES - 1);
    expect((await reopened.get("large", last))?.row).toMatchObject({ id: last, text });
  });
});
