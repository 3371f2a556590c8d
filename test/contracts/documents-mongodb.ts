import type { DocumentStore } from "@daybook/adapters";
import type { Query, Row } from "@daybook/projections";
import { MongoClient } from "mongodb";
import { describe, expect, test } from "vitest";
import {
  nameOf,
  pageFilter,
  sortOf,
} from "../../packages/adapters/src/documents/mongodb-filter.ts";
import { temporaryFolder } from "../support/folder.ts";
import type { Mongo } from "../support/mongodb.ts";

type Fruit = Row & { name: string; weight: number };

const FRUITS = "fruits-1";

const fruit = (id: string, weight = 1): Fruit => ({ id, organization: "acme", name: id, weight });

const fresh = (row: Row) => ({ id: row.id, row, guard: 1, after: undefined });

const byWeight: Query = { where: {}, sort: ["weight"], direction: "ascending", limit: 500 };

type Stored = { _id: string; row: unknown };

const nested = (levels: number): unknown => (levels === 0 ? [] : { in: nested(levels - 1) });

/** What documents in MongoDB keep to beside the contract: several processes, and its own limits. */
export function mongoDocuments(mongo: Mongo, open: (folder: string) => Promise<DocumentStore>) {
  const place = temporaryFolder();
  const opened = () => place.opened(open(place.path()));

  describe("rows", () => {
    /** As those see them who look at the database itself. */
    async function stored() {
      await using client = new MongoClient(mongo.url());
      const documents = client.db(mongo.database(place.path())).collection<Stored>(nameOf(FRUITS));
      const found = await documents.find().toArray();
      return new Map(found.map(({ _id, row }) => [_id, row]));
    }

    async function written(values: Record<string, unknown>) {
      const rows = Object.entries(values).map(([id, value]) => ({ ...fruit(id), value }));
      const store = await opened();
      await store.ensure({ name: FRUITS, indexes: [] });
      await store.write(FRUITS, rows.map(fresh));
      // As an update, too.
      await store.write(
        FRUITS,
        rows.map((row) => ({ ...fresh(row), after: 1 })),
      );
      for (const row of rows)
        expect(JSON.stringify((await store.get(FRUITS, row.id))?.row)).toBe(JSON.stringify(row));
      return Object.fromEntries(rows.map((row) => [row.id, JSON.stringify(row)]));
    }

    test("are documents, of what JSON has", async () => {
      const texts = await written({
        numbers: [-0, Number.NaN, 0.1, 5e-324, 1e300, 2 ** 31, -(2 ** 53), Number.MAX_SAFE_INTEGER],
        nothing: { a: undefined, b: [undefined, null], c: {}, d: [] },
        others: { date: new Date(0), map: new Map([[1, 2]]) },
        order: { b: 1, 10: 1, a: 2, 2: 1, _id: [1], id: 1 },
        names: { "naïve %": 1, a$b: 2, "🍏": 3, " ": 4, toString: 5, length: 6, toBSON: 7 },
        proto: JSON.parse('{ "__proto__": { "x": 1 } }'),
        text: ["a\0b", "🍏", "$name", "a.b"],
        deep: nested(85),
        long: Array.from({ length: 900_000 }, (_, at) => at % 10),
      });
      const found = await stored();
      for (const [id, text] of Object.entries(texts))
        expect(found.get(id), id).toEqual(JSON.parse(text));
    });

    test("are text where no document can be as they are", async () => {
      const texts = await written({
        dollar: { $set: 1 },
        reference: [{ $ref: "fruits", $id: 1 }],
        dot: { a: { "b.c": 1 } },
        empty: { "": 1 },
        zero: { "a\0": 1 },
        type: { _bsontype: "ObjectId" },
        surrogate: ["\ud800"],
        surrogateName: { "a\udc00": 1 },
        deep: nested(120),
        // Over 16 MB as a document.
        long: Array.from({ length: 1_300_000 }, (_, at) => at % 10),
      });
      expect(await stored()).toEqual(new Map(Object.entries(texts)));
    });

    test("change their form with their fields", async () => {
      const store = await opened();
      await store.ensure({ name: FRUITS, indexes: [["weight"]] });
      const rows = [fruit("f"), { ...fruit("f"), "a.b": 1 }, fruit("f", 2)];
      for (const [at, row] of rows.entries()) {
        await store.write(FRUITS, [{ ...fresh(row), guard: at, after: at ? at - 1 : undefined }]);
        expect((await stored()).get("f")).toEqual(at === 1 ? JSON.stringify(row) : row);
        expect((await store.find(FRUITS, byWeight)).rows).toEqual([row]);
      }
    });
  });

  describe("several processes", () => {
    test("what one declares is filled in by the others too", async () => {
      const [older, newer] = [await opened(), await opened()];
      await older.ensure({ name: FRUITS, indexes: [["name"]] });
      await older.write(FRUITS, [fresh(fruit("before"))]);
      let declared = false;
      let written = 1;
      async function writeOn() {
        while (!declared || written < 5) {
          await older.write(FRUITS, [fresh(fruit(`f${written}`))]);
          written++;
        }
      }
      const writing = writeOn();
      await newer.ensure({ name: FRUITS, indexes: [["name"], ["weight"]] });
      declared = true;
      await writing;
      expect(await newer.count(FRUITS, { where: { weight: 1 } }, 10_000)).toBe(written);
      expect((await older.find(FRUITS, byWeight)).rows.length).toBe(Math.min(written, 500));
    });

    test("what one drops is gone for the others", async () => {
      const [one, other] = [await opened(), await opened()];
      for (const store of [one, other]) await store.ensure({ name: FRUITS, indexes: [["name"]] });
      await other.write(FRUITS, [fresh(fruit("pear"))]);
      await one.drop(FRUITS);
      await expect(other.write(FRUITS, [fresh(fruit("plum"))])).rejects.toThrow(FRUITS);
      await one.ensure({ name: FRUITS, indexes: [["name"]] });
      expect(await Array.fromAsync(other.scan(FRUITS))).toEqual([]);
    });

    test("all may make a collection at once", async () => {
      const stores = await Promise.all([opened(), opened(), opened()]);
      const fields = ["name", "weight", "colour"];
      await Promise.all(
        stores.map((store, at) => store.ensure({ name: FRUITS, indexes: [[fields[at] ?? ""]] })),
      );
      for (const store of stores) {
        await store.write(FRUITS, [fresh(fruit(`f${stores.indexOf(store)}`))]);
        for (const field of fields)
          expect((await store.find(FRUITS, { ...byWeight, sort: [field] })).rows).not.toEqual([]);
      }
    });
  });

  // One message may have 48 MB: the batch goes in several.
  test("a batch may be larger than a message", async () => {
    const store = await opened();
    await store.ensure({ name: FRUITS, indexes: [["weight"]] });
    const large = "x".repeat(4_000_000);
    const rows = Array.from({ length: 13 }, (_, at) => ({ ...fruit(`f${at}`, at), large }));
    expect(await store.write(FRUITS, rows.map(fresh))).toEqual([]);
    expect(await store.count(FRUITS, { where: { weight: { gte: 0 } } }, 100)).toBe(rows.length);
    const update = rows.map((row) => ({ ...fresh(row), guard: 2, after: row.weight % 2 }));
    const lost = await store.write(FRUITS, update);
    const even = rows.filter(({ weight }) => weight % 2 === 0).map(({ id }) => id);
    expect(lost.toSorted()).toEqual(even.toSorted());
  });

  // Where a page is not read from an index it costs what the collection weighs.
  test("pages are found by the declared indexes", async () => {
    const store = await opened();
    const indexes = [
      ["organization", "name"],
      ["status", "nextAt"],
    ];
    await store.ensure({ name: FRUITS, indexes });
    const rows = Array.from({ length: 2000 }, (_, at) => ({
      ...fruit(`f${at}`),
      organization: `o${at % 100}`,
      status: `s${at % 7}`,
      nextAt: String(at),
    }));
    await store.write(FRUITS, rows.map(fresh));
    const byName = { ...byWeight, where: { organization: "o1" }, sort: ["name"], limit: 5 };
    const due = { status: { in: ["s1", "s2"] }, nextAt: { lt: "5" } };
    const queries: [Query, string][] = [
      [byName, "organization"],
      [{ ...byName, where: { organization: "o1", name: { prefix: "f1" } } }, "organization"],
      [{ ...byName, direction: "descending" }, "organization"],
      [{ ...byWeight, where: due, sort: ["status", "nextAt"] }, "status"],
    ];
    const client = new MongoClient(mongo.url());
    const documents = client.db(mongo.database(place.path())).collection(nameOf(FRUITS));
    for (const [query, field] of queries)
      for (const key of [undefined, [...query.sort.map(() => "f5"), "f5"]]) {
        const filter = pageFilter(query, key) as object;
        const found = documents.find(filter, { sort: sortOf(query), limit: query.limit });
        const index = indexes.find(([first]) => first === field)?.map((one) => `by.${one}_1`);
        expect(JSON.stringify(await found.explain())).toContain(`${index?.join("_")}__id_1`);
      }
    await client.close();
  });
}
