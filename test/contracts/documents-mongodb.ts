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

/** What documents in MongoDB keep to beside the contract: several processes, and its own limits. */
export function mongoDocuments(mongo: Mongo, open: (folder: string) => Promise<DocumentStore>) {
  const place = temporaryFolder();
  const opened = () => place.opened(open(place.path()));

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
