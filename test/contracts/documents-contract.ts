import { type DocumentStore, type GuardedWrite, InvalidCursor } from "@daybook/adapters";
import type { Filter, Query, Row, Where } from "@daybook/projections";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/folder.ts";

type Fruit = Row & { name: string; colour: string; weight: number; ripe: boolean };

const fruits = {
  name: "fruits-1",
  indexes: [["name"], ["colour", "name"], ["weight"], ["ripe", "name"]],
};

const fruit = (id: string, more: Partial<Fruit> = {}): Fruit => ({
  id,
  organization: "acme",
  name: id,
  colour: "green",
  weight: 100,
  ripe: false,
  ...more,
});

const fresh = (row: Row): GuardedWrite => ({ id: row.id, row, guard: 1, after: undefined });

const byName: Query = { where: {}, sort: ["name"], direction: "ascending", limit: 100 };

/** Text that breaks what is put together out of text. */
const hostile = [
  "O'Brien",
  'say "hi"',
  "100%",
  "under_score",
  "back\\slash",
  "'; DROP TABLE fruits; --",
  "naïve Ångström",
  "日本語",
  "🍐🍏",
  "line\nbreak",
  "?1 $name :x",
  "",
  " ",
];

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

/** What every document store keeps to. `open` opens the store of a folder. */
export function documentsContract(
  name: string,
  open: (folder: string) => Promise<DocumentStore>,
): void {
  describe(name, () => {
    const place = temporaryFolder();
    const opened = async (...rows: Fruit[]) => {
      const store = await place.opened(open(place.path()));
      await store.ensure(fruits);
      expect(await store.write(fruits.name, rows.map(fresh))).toEqual([]);
      return store;
    };

    /** All pages of a query, one after the other. */
    async function paged(store: DocumentStore, query: Query): Promise<Fruit[][]> {
      const pages: Fruit[][] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await store.find<Fruit>(fruits.name, { ...query, ...(cursor && { cursor }) });
        pages.push(page.rows);
        cursor = page.cursor;
        if (!cursor) return pages;
      }
    }

    const ids = async (store: DocumentStore, query: Partial<Query>) =>
      (await store.find<Fruit>(fruits.name, { ...byName, ...query })).rows.map(({ id }) => id);

    describe("write and get", () => {
      test("a document comes back as it was written, with its guard", async () => {
        const row = fruit("pear", { weight: 1.5 });
        const store = await opened(row);
        expect(await store.get(fruits.name, "pear")).toEqual({ id: "pear", guard: 1, row });
        expect(await store.get(fruits.name, "plum")).toBeUndefined();
      });

      test("many are read at once, those that are missing left out", async () => {
        const store = await opened(fruit("pear"), fruit("apple"));
        const found = await store.getMany(fruits.name, ["apple", "plum", "pear", "apple"]);
        expect(found.map(({ id }) => id).toSorted()).toEqual(["apple", "pear"]);
        expect(await store.getMany(fruits.name, [])).toEqual([]);
      });

      test("what is new is written once", async () => {
        const store = await opened(fruit("pear"));
        const again = fresh(fruit("pear", { colour: "red" }));
        expect(await store.write(fruits.name, [again])).toEqual(["pear"]);
        expect(await store.get(fruits.name, "pear")).toMatchObject({ row: { colour: "green" } });
      });

      test("what was read is written only if its guard has not moved", async () => {
        const store = await opened(fruit("pear"));
        const row = fruit("pear", { colour: "red" });
        expect(await store.write(fruits.name, [{ id: "pear", row, guard: 5, after: 1 }])).toEqual(
          [],
        );
        const late = { id: "pear", row: fruit("pear"), guard: 6, after: 1 };
        expect(await store.write(fruits.name, [late])).toEqual(["pear"]);
        expect(await store.get(fruits.name, "pear")).toEqual({ id: "pear", guard: 5, row });
      });

      test("what is not there is not written by one who thinks it is", async () => {
        const store = await opened();
        const write = { id: "pear", row: fruit("pear"), guard: 2, after: 1 };
        expect(await store.write(fruits.name, [write])).toEqual(["pear"]);
        expect(await store.get(fruits.name, "pear")).toBeUndefined();
      });

      test("of one batch, those that lost are named and the others are written", async () => {
        const store = await opened(fruit("pear"), fruit("apple"));
        const red = (id: string, after?: number) => ({
          id,
          row: fruit(id, { colour: "red" }),
          guard: 9,
          after,
        });
        const writes = [red("pear", 1), red("apple", 7), red("plum"), red("apple")];
        expect(await store.write(fruits.name, writes)).toEqual(["apple", "apple"]);
        expect(await ids(store, { where: { colour: "red" } })).toEqual(["pear", "plum"]);
      });

      // Two workers on one projection: whoever is slower must notice.
      test("of 50 that write on the same guard at once, one is let through", async () => {
        const store = await opened(fruit("pear"));
        const lost = await Promise.all(
          range(0, 50).map((n) =>
            store.write(fruits.name, [
              { id: "pear", row: fruit("pear", { weight: n }), guard: 2, after: 1 },
            ]),
          ),
        );
        expect(lost.filter((ones) => ones.length === 0)).toHaveLength(1);
        const weight = lost.findIndex((ones) => ones.length === 0);
        expect(await store.get(fruits.name, "pear")).toMatchObject({ guard: 2, row: { weight } });
      });

      test("a batch of nothing is nothing", async () => {
        expect(await (await opened()).write(fruits.name, [])).toEqual([]);
      });

      test("a collection that was not made is not written to", async () => {
        const store = await opened();
        await expect(store.write("nuts-1", [fresh(fruit("hazel"))])).rejects.toThrow("nuts-1");
      });
    });

    describe("tombstones", () => {
      // A worker left behind could otherwise bring a deleted document back.
      test("a deleted document keeps its guard and is left out of pages", async () => {
        const store = await opened(fruit("pear"), fruit("apple"));
        await store.write(fruits.name, [{ id: "pear", row: null, guard: 5, after: 1 }]);
        const tombstone = { id: "pear", guard: 5, row: null };
        expect(await store.get(fruits.name, "pear")).toEqual(tombstone);
        expect(await store.getMany(fruits.name, ["pear"])).toEqual([tombstone]);
        expect(await store.write(fruits.name, [fresh(fruit("pear"))])).toEqual(["pear"]);
        expect(await ids(store, {})).toEqual(["apple"]);
        expect(await store.count(fruits.name, { where: {} }, 10)).toBe(1);
      });

      test("a document may be dead from its first write, and live again", async () => {
        const store = await opened();
        await store.write(fruits.name, [{ id: "pear", row: null, guard: 1, after: undefined }]);
        expect(await store.get(fruits.name, "pear")).toEqual({ id: "pear", guard: 1, row: null });
        await store.write(fruits.name, [{ id: "pear", row: fruit("pear"), guard: 2, after: 1 }]);
        expect(await ids(store, {})).toEqual(["pear"]);
      });

      test("what is removed leaves no trace", async () => {
        const store = await opened(fruit("pear"), fruit("apple"));
        await store.remove(fruits.name, ["pear", "plum"]);
        expect(await store.get(fruits.name, "pear")).toBeUndefined();
        expect(await store.write(fruits.name, [fresh(fruit("pear"))])).toEqual([]);
      });
    });

    describe("find", () => {
      const basket = () =>
        opened(
          fruit("apple", { colour: "red", weight: 150, ripe: true }),
          fruit("apricot", { colour: "orange", weight: 40 }),
          fruit("banana", { colour: "yellow", weight: 120, ripe: true }),
          fruit("cherry", { colour: "red", weight: 8 }),
          fruit("grape", { weight: 5, ripe: true }),
        );

      const everything = ["apple", "apricot", "banana", "cherry", "grape"];
      const cases: [Partial<Query>, string[]][] = [
        [{ where: {} }, everything],
        [{ where: { colour: "red" } }, ["apple", "cherry"]],
        [{ where: { colour: "red", weight: 8 } }, ["cherry"]],
        [{ where: { ripe: true } }, ["apple", "banana", "grape"]],
        [{ where: { ripe: false } }, ["apricot", "cherry"]],
        [{ where: { weight: 40 } }, ["apricot"]],
        [{ where: { weight: "40" } }, []],
        [{ where: { colour: { in: ["red", "yellow"] } } }, ["apple", "banana", "cherry"]],
        [{ where: { weight: { in: [5, 8, 9] } } }, ["cherry", "grape"]],
        [{ where: { colour: { in: [] } } }, []],
        [{ where: { weight: { gte: 40 } } }, ["apple", "apricot", "banana"]],
        [{ where: { weight: { lt: 40 } } }, ["cherry", "grape"]],
        [{ where: { weight: { gte: 8, lt: 120 } } }, ["apricot", "cherry"]],
        [{ where: { weight: {} } }, everything],
        [{ where: { name: { prefix: "ap" } } }, ["apple", "apricot"]],
        [{ where: { name: { prefix: "AP" } } }, []],
        [{ where: { name: { prefix: "" } } }, everything],
        [{ where: { colour: { in: ["yellow", "red", "red"] }, ripe: true } }, ["apple", "banana"]],
        [
          { where: { colour: { in: ["red", "green"] }, weight: { in: [5, 8] } } },
          ["cherry", "grape"],
        ],
        [{ where: { weight: { in: range(0, 200) } } }, everything],
        [{ where: {}, direction: "descending" }, ["grape", "cherry", "banana", "apricot", "apple"]],
        [{ where: {}, sort: ["weight"] }, ["grape", "cherry", "apricot", "banana", "apple"]],
        [
          { where: {}, sort: ["colour", "name"] },
          ["grape", "apricot", "apple", "cherry", "banana"],
        ],
        [{ where: {}, sort: [] }, everything],
        [{ where: {}, limit: 2 }, ["apple", "apricot"]],
      ];
      test("gives what matches, and count counts it", async () => {
        const store = await basket();
        for (const [query, expected] of cases) {
          expect(await ids(store, query), JSON.stringify(query)).toEqual(expected);
          if (query.limit) continue;
          const { where } = { ...byName, ...query };
          const counted = await store.count(fruits.name, { where }, 100);
          expect(counted, JSON.stringify(query)).toBe(expected.length);
        }
      });

      test("what matches in several ways is counted once", async () => {
        const store = await basket();
        const redOrLight = [{ colour: "red" }, { weight: { lt: 10 } }];
        const counts: [Filter, number][] = [
          [{ where: {}, anyOf: redOrLight }, 3],
          [{ where: { ripe: true }, anyOf: redOrLight }, 2],
          [{ where: { colour: "green" }, anyOf: redOrLight }, 1],
          [{ where: {}, anyOf: [{ colour: "red", ripe: false }, { name: { prefix: "b" } }] }, 2],
          [{ where: {}, anyOf: [] }, 5],
        ];
        for (const [filter, expected] of counts)
          expect(await store.count(fruits.name, filter, 100), JSON.stringify(filter)).toBe(
            expected,
          );
        expect(await store.count(fruits.name, { where: {}, anyOf: redOrLight }, 2)).toBe(2);
      });

      test("a change moves a document from what matched before to what matches now", async () => {
        const store = await basket();
        const row = fruit("cherry", { colour: "black" });
        await store.write(fruits.name, [{ id: "cherry", row, guard: 2, after: 1 }]);
        expect(await ids(store, { where: { colour: "red" } })).toEqual(["apple"]);
        expect(await ids(store, { where: { colour: "black" } })).toEqual(["cherry"]);
      });

      // A page says "1,000+": counting on would cost what the collection weighs.
      test("counting stops at the cap", async () => {
        const store = await basket();
        expect(await store.count(fruits.name, { where: {} }, 3)).toBe(3);
        expect(await store.count(fruits.name, { where: {} }, 5)).toBe(5);
      });
    });

    describe("pages", () => {
      // 23 rows of which many tie in what they are ordered by.
      const tied = range(0, 23).map((n) =>
        fruit(`f${String(n).padStart(2, "0")}`, {
          name: `n${n % 3}`,
          colour: n % 2 ? "red" : "green",
          weight: n % 4,
        }),
      );
      const orders = [["name"], ["colour", "name"], ["weight"], ["ripe", "name"], []];
      // All of these match every row: none may tell on the pages.
      const wheres: Where[] = [
        {},
        { colour: { in: ["green", "red"] }, weight: { in: [3, 0, 1, 2] } },
        { name: { prefix: "n" }, weight: { gte: 0, lt: 4 } },
      ];

      test("pass over every row once, in both directions, also where rows tie", async () => {
        const some = tied.slice(0, 12);
        const store = await opened(...some);
        async function expectPages(query: Query) {
          const whole = (await paged(store, query)).flat();
          expect(new Set(whole.map(({ id }) => id)).size).toBe(some.length);
          for (const limit of [1, 4, some.length]) {
            const pages = await paged(store, { ...query, limit });
            expect(pages.flat()).toEqual(whole);
            expect(pages).toHaveLength(Math.ceil(some.length / limit));
          }
        }
        const queries = orders.flatMap((sort) =>
          wheres.flatMap((where) =>
            (["ascending", "descending"] as const).map((direction) =>
              expectPages({ where, sort, direction, limit: 100 }),
            ),
          ),
        );
        await Promise.all(queries);
      });

      test("one direction is the other reversed", async () => {
        const store = await opened(...tied);
        const ascending = await ids(store, { sort: ["weight"] });
        const descending = await ids(store, { sort: ["weight"], direction: "descending" });
        expect(descending).toEqual(ascending.toReversed());
      });

      test("a filter holds on every page", async () => {
        const store = await opened(...tied);
        const pages = await paged(store, { ...byName, where: { colour: "red" }, limit: 3 });
        expect(pages.map((rows) => rows.length)).toEqual([3, 3, 3, 2]);
        expect(pages.flat().every(({ colour }) => colour === "red")).toBe(true);
      });

      // With pages by offset an insertion before the page would show a row twice.
      test("what comes and goes between two pages doubles and hides no other row", async () => {
        const store = await opened(...tied);
        const first = await store.find<Fruit>(fruits.name, { ...byName, limit: 10 });
        await store.write(fruits.name, [fresh(fruit("a-new-one", { name: "n0" }))]);
        const gone = first.rows[9]?.id ?? "";
        await store.write(fruits.name, [{ id: gone, row: null, guard: 2, after: 1 }]);
        const rest = await paged(store, {
          ...byName,
          ...(first.cursor && { cursor: first.cursor }),
        });
        const seen = [...first.rows, ...rest.flat()].map(({ id }) => id);
        expect(seen.toSorted()).toEqual(tied.map(({ id }) => id).toSorted());
      });

      test("the last page has no cursor, neither has an empty one", async () => {
        const store = await opened(...tied);
        expect(await store.find(fruits.name, { ...byName, limit: 23 })).toMatchObject({
          cursor: undefined,
        });
        const none = await store.find(fruits.name, { ...byName, where: { colour: "blue" } });
        expect(none).toEqual({ rows: [], cursor: undefined });
      });

      test("a cursor that is damaged or of another order is refused", async () => {
        const store = await opened(...tied);
        const { cursor = "" } = await store.find(fruits.name, { ...byName, limit: 5 });
        const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
        const bad: [string, Partial<Query>][] = [
          [cursor, { sort: ["weight"] }],
          [cursor, { sort: ["colour", "name"] }],
          [cursor, { direction: "descending" }],
          ["nonsense", {}],
          [cursor.slice(0, -5), {}],
          [encode(null), {}],
          [encode({}), {}],
          [encode(["ascending", ["name"], ["a"]]), {}],
          [encode(["ascending", ["name"], ["a", "b", "c"]]), {}],
          [encode(["ascending", ["name"], "ab"]), {}],
          [encode(["ascending", ["name"], [null, "b"]]), {}],
          [encode(["ascending", ["name"], [{}, "b"]]), {}],
        ];
        for (const [one, query] of bad)
          await expect(
            store.find(fruits.name, { ...byName, ...query, cursor: one }),
            one,
          ).rejects.toThrow(InvalidCursor);
      });
    });

    describe("any text", () => {
      const rows = hostile.map((name, at) => fruit(`${at} ${name}`, { name, colour: name }));

      test("is stored, found and paged over as it is", async () => {
        const store = await opened(...rows);
        for (const row of rows) {
          expect((await store.get(fruits.name, row.id))?.row).toEqual(row);
          expect(await ids(store, { where: { name: row.name } })).toEqual([row.id]);
          expect(await ids(store, { where: { name: { in: [row.name, "none"] } } })).toEqual([
            row.id,
          ]);
          const expected = rows.filter(({ name }) => name.startsWith(row.name));
          const found = await ids(store, { where: { name: { prefix: row.name } } });
          expect(found.toSorted()).toEqual(expected.map(({ id }) => id).toSorted());
        }
        const many = await store.getMany(
          fruits.name,
          rows.map(({ id }) => id),
        );
        expect(many).toHaveLength(rows.length);
        for (const direction of ["ascending", "descending"] as const) {
          const seen = (await paged(store, { ...byName, direction, limit: 2 })).flat();
          expect(seen.map(({ id }) => id).toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
        }
      });

      // `%` and `_` are wildcards in SQL, `.` and `[` have a meaning in paths into a document.
      test("is no pattern", async () => {
        const store = await opened(fruit("a%c"), fruit("abc"), fruit("a_c"));
        expect(await ids(store, { where: { name: { prefix: "a%" } } })).toEqual(["a%c"]);
        expect(await ids(store, { where: { name: { prefix: "a_" } } })).toEqual(["a_c"]);
      });

      test("may name a collection and its fields", async () => {
        const store = await opened();
        const [quote, dot, other] = ['na"me', "a.b", `o'ther "f`];
        const odd = { name: `it's a "test"; --`, indexes: [[quote], [dot]] };
        await store.ensure(odd);
        const row = { id: "1", organization: "", [quote]: "x", [dot]: "y", [other]: "z" };
        await store.write(odd.name, [fresh(row)]);
        const later = ["c.d[0]", 'e"f', "$"];
        await store.write(odd.name, [
          fresh({ ...row, id: "2", [quote]: "", ...Object.fromEntries(later.map((f) => [f, f])) }),
        ]);
        await store.ensure({ ...odd, indexes: [[other], ...later.map((field) => [field])] });
        for (const field of later) {
          const found = await store.find(odd.name, {
            ...byName,
            where: { [field]: field },
            sort: [],
          });
          expect(found.rows.map(({ id }) => id)).toEqual(["2"]);
        }
        const where = { [quote]: "x", [dot]: "y", [other]: "z" };
        const { rows } = await store.find(odd.name, { ...byName, where, sort: [dot] });
        expect(rows).toEqual([row]);
      });
    });

    describe("collections", () => {
      test("those that are there are listed", async () => {
        const store = await opened();
        await store.ensure({ name: "nuts-1", indexes: [] });
        expect((await store.collections()).toSorted()).toEqual(["fruits-1", "nuts-1"]);
      });

      test("making one that is there changes nothing", async () => {
        const store = await opened(fruit("pear"));
        await store.ensure(fruits);
        expect(await ids(store, {})).toEqual(["pear"]);
      });

      test("they hold each their own documents", async () => {
        const store = await opened(fruit("pear"));
        await store.ensure({ ...fruits, name: "nuts-1" });
        await store.write("nuts-1", [fresh(fruit("pear", { colour: "brown" }))]);
        expect(await store.get(fruits.name, "pear")).toMatchObject({ row: { colour: "green" } });
      });

      test("a dropped one is gone with its documents, and can be made again", async () => {
        const store = await opened(fruit("pear"));
        expect(await ids(store, {})).toEqual(["pear"]);
        await store.drop(fruits.name);
        expect(await store.collections()).toEqual([]);
        await expect(store.get(fruits.name, "pear")).rejects.toThrow();
        await store.drop(fruits.name);
        await store.ensure({ ...fruits, indexes: [["weight"]] });
        expect(await store.get(fruits.name, "pear")).toBeUndefined();
        expect(await store.write(fruits.name, [fresh(fruit("pear"))])).toEqual([]);
      });

      test("a new index takes in the documents that are there", async () => {
        const rows = [
          fruit("pear", { weight: 2, ripe: true }),
          fruit("apple", { weight: 10 }),
          fruit("gone"),
        ];
        const store = await place.opened(open(place.path()));
        await store.ensure({ name: fruits.name, indexes: [["name"]] });
        await store.write(fruits.name, rows.map(fresh));
        await store.write(fruits.name, [{ id: "gone", row: null, guard: 2, after: 1 }]);
        await store.ensure({ name: fruits.name, indexes: [["name"], ["weight"], ["ripe"]] });
        expect(await ids(store, { where: {}, sort: ["weight"] })).toEqual(["pear", "apple"]);
        expect(await ids(store, { where: { ripe: true } })).toEqual(["pear"]);
        await store.write(fruits.name, [fresh(fruit("plum", { weight: 1 }))]);
        expect(await ids(store, { where: {}, sort: ["weight"] })).toEqual([
          "plum",
          "pear",
          "apple",
        ]);
      });

      // Values that cannot be ordered, such as what stands for erased data, sort as empty text: a
      // keyset could not pass over them otherwise.
      test("an index treats the documents that were there like those that come", async () => {
        const odd = (id: string) => ({
          ...fruit(id),
          erased: { erased: true },
          nothing: null,
          list: [1],
        });
        const store = await place.opened(open(place.path()));
        const fields = ["erased", "nothing", "list", "missing"];
        await store.ensure({ name: fruits.name, indexes: [] });
        await store.write(fruits.name, [fresh(odd("before"))]);
        await store.ensure({
          name: fruits.name,
          indexes: [["name"], ...fields.map((one) => [one])],
        });
        await store.write(fruits.name, [fresh(odd("later"))]);
        for (const field of fields) {
          expect(await ids(store, { where: { [field]: "" } }), field).toEqual(["before", "later"]);
          const pages = await paged(store, { ...byName, sort: [field], limit: 1 });
          expect(pages.flat()).toHaveLength(2);
        }
      });
    });

    describe("reopened", () => {
      test("everything is there", async () => {
        const rows = hostile.map((name, at) => fruit(`${at}`, { name }));
        const store = await opened(...rows);
        await store.write(fruits.name, [{ id: "0", row: null, guard: 4, after: 1 }]);
        const before = await ids(store, {});
        await place.closed(store);
        const again = await place.opened(open(place.path()));
        expect(await again.collections()).toEqual([fruits.name]);
        expect(await again.get(fruits.name, "0")).toEqual({ id: "0", guard: 4, row: null });
        await again.ensure(fruits);
        expect(await ids(again, {})).toEqual(before);
        expect(await again.write(fruits.name, [fresh(fruit("new"))])).toEqual([]);
      });

      test("what was given before the close is stored", async () => {
        const store = await opened();
        const writes = range(0, 30).map((n) => store.write(fruits.name, [fresh(fruit(`f${n}`))]));
        await Promise.all([...writes, place.closed(store)]);
        expect(await ids(await opened(), {})).toHaveLength(30);
      });

      test("an index that it had before is still kept up", async () => {
        const store = await opened(fruit("pear", { weight: 3 }));
        await place.closed(store);
        const again = await place.opened(open(place.path()));
        await again.ensure({ name: fruits.name, indexes: [["name"]] });
        await again.write(fruits.name, [fresh(fruit("plum", { weight: 2 }))]);
        expect(await ids(again, { where: {}, sort: ["weight"] })).toEqual(["plum", "pear"]);
      });
    });

    test("a ping answers while it is open", async () => {
      const store = await opened();
      await store.ping();
      await place.closed(store);
      await expect(store.ping()).rejects.toThrow();
    });
  });
}
