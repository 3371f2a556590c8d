import {
  type DocumentStore,
  type GuardedWrite,
  InvalidCursor,
  openSqliteDocuments,
} from "@daybook/adapters";
import { openMongoDocuments } from "@daybook/adapters/mongodb";
import type { Condition, Query, Row, Where } from "@daybook/projections";
import fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/folder.ts";
import { onMongo } from "../support/mongodb.ts";

/** Names that mean something to one store or another. */
const FIELDS = ["name", "size", "a.b", "$set", "naïve %"] as const;
const COLLECTIONS = ["people-1", 'odd "$.name"'] as const;

const field = fc.constantFrom(...FIELDS);
const collection = fc.constantFrom(...COLLECTIONS);
// Texts that begin one another, and that are ordered differently by code points and by UTF-16.
const text = fc.constantFrom("", "a", "a%", "ab", "b", "ﬀ", "🍏");
const number = fc.constantFrom(-1.5, -0, 1, 2 ** 31, Number.MAX_SAFE_INTEGER, 1e300);
const scalar = fc.oneof(text, number);
// What cannot be ordered is kept as it is, and found as empty text.
const odd = { "$x.y": { z: [1] } };
const nested = { z: [{ y: -0, x: undefined }, undefined], a: new Date(0) };
const other = fc.constantFrom(true, false, null, undefined, [], ["a"], odd, nested, ["\ud800"]);
const value = fc.oneof(text, number, other);
const rowOf = (names: readonly string[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(Object.fromEntries(names.map((name) => [name, value])));
// A store may keep those with odd names in another form.
const row = fc.oneof(rowOf(FIELDS), rowOf(["size", "naïve %", "name"]));
const id = fc.constantFrom("1", "10", "2", "b", "ﬀ", "🍏");

const condition: fc.Arbitrary<Condition> = fc.oneof(
  scalar,
  fc.boolean(),
  fc.record({ in: fc.array(scalar, { maxLength: 3 }) }),
  fc.record({ gte: scalar, lt: scalar }, { requiredKeys: [] }),
  fc.record({ prefix: text }),
);
const where: fc.Arbitrary<Where> = fc.dictionary(field, condition, {
  maxKeys: 2,
  size: "xsmall",
  noNullPrototype: true,
});

/** What a write is based on: what is there, or what somebody thinks is. */
const FIRST_GUARD = 10;
const basis = fc.constantFrom(...(["current", "current", "current", "none", 10, 11, 12] as const));
const write = fc.record({ id, row: fc.option(row, { freq: 4 }), basis });
const writes = fc.uniqueArray(write, { selector: (one) => one.id, minLength: 3 });
const indexes = fc.uniqueArray(field, { minLength: 1 }).map((one) => [one]);
const query = fc.record({
  where,
  sort: fc.uniqueArray(field, { maxLength: 3 }),
  direction: fc.constantFrom("ascending" as const, "descending" as const),
  limit: fc.integer({ min: 1, max: 4 }),
});

const step = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant("ensure" as const), indexes }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("write" as const), writes }) },
  { weight: 9, arbitrary: fc.record({ do: fc.constant("find" as const), query }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("count" as const),
      filter: fc.record(
        { where, anyOf: fc.array(where, { maxLength: 3 }) },
        { requiredKeys: ["where"] },
      ),
      cap: fc.integer({ min: 1, max: 7 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("get" as const), ids: fc.uniqueArray(id) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("scan" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("remove" as const), ids: fc.uniqueArray(id) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("drop" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("bad cursor" as const), cursor: fc.base64String() }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const steps = fc.array(fc.record({ collection, step }), { minLength: 15, maxLength: 25 });

const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1);

async function pages(store: DocumentStore, name: string, asked: Query) {
  const all = [];
  for (let cursor: string | undefined; ; ) {
    const page = await store.find(name, { ...asked, ...(cursor && { cursor }) });
    // Between two cursors lies the same page again, however much is asked for.
    const between = { ...asked, limit: asked.limit + 1, ...(cursor && { cursor }) };
    const { cursor: until } = page;
    if (until)
      expect(await store.find(name, { ...between, until })).toEqual({ ...page, cursor: undefined });
    all.push(page);
    cursor = page.cursor;
    if (!cursor) return all;
  }
}

type Given = { name: string; step: Step; guards: ReadonlyMap<string, number>; guard: number };

function guarded({ step, guards, guard }: Given): GuardedWrite[] {
  if (step.do !== "write") return [];
  return step.writes.map(({ id, row, basis }) => ({
    id,
    row: row && ({ ...row, id, organization: "" } as Row),
    guard,
    after: basis === "current" ? guards.get(id) : basis === "none" ? undefined : basis,
  }));
}

async function perform(store: DocumentStore, given: Given): Promise<unknown> {
  const { name, step } = given;
  switch (step.do) {
    case "ensure":
      return store.ensure({ name, indexes: step.indexes });
    case "write":
      return (await store.write(name, guarded(given))).toSorted();
    case "find":
      return pages(store, name, step.query);
    case "count":
      return store.count(name, step.filter, step.cap);
    case "get": {
      const many = await store.getMany(name, step.ids);
      return [many.toSorted(byId), await store.get(name, step.ids[0] ?? "1")];
    }
    case "scan":
      return Array.fromAsync(store.scan(name));
    case "remove":
      return store.remove(name, step.ids);
    case "drop":
      await store.drop(name);
      return store.collections();
    case "bad cursor":
      return store.find(name, {
        ...{ where: {}, sort: ["name"], direction: "ascending", limit: 1 },
        cursor: step.cursor,
      });
  }
}

/** What it answers; of what it refuses, that it does, and whether for its cursor. */
const answer = (asked: Promise<unknown>) =>
  asked.then(
    (value) => ({ value, told: "" }),
    (error: unknown) => ({
      refused: error instanceof InvalidCursor ? "cursor" : "else",
      told: String(error),
    }),
  );

/** The guards of a collection as a store has them; none where it is not there. */
async function guardsOf(store: DocumentStore, name: string): Promise<Map<string, number>> {
  const documents = await Array.fromAsync(store.scan(name)).catch(() => []);
  return new Map(documents.map(({ id, guard }) => [id, guard]));
}

/** By which fields a step asks. */
function fieldsOf(step: Step): string[] {
  if (step.do === "find") return [...Object.keys(step.query.where), ...step.query.sort];
  if (step.do !== "count") return [];
  return [step.filter.where, ...(step.filter.anyOf ?? [])].flatMap((one) => Object.keys(one));
}

onMongo("documents in SQLite and in MongoDB", (mongo) => {
  const place = temporaryFolder();

  test("are answered alike", async () => {
    const database = mongo.database(place.path());
    const sqlite = await place.opened(openSqliteDocuments(place.file("views.db"), "NORMAL"));
    const mongodb = await place.opened(openMongoDocuments(mongo.url(), { database }));
    const stores = [sqlite, mongodb];
    const indexed = new Map<string, Set<string>>();
    let runs = 0;
    const property = fc.asyncProperty(steps, async (given) => {
      const run = runs++;
      const whole = { name: `${run} ${COLLECTIONS[0]}`, indexes: FIELDS.map((one) => [one]) };
      const part = { name: `${run} ${COLLECTIONS[1]}`, indexes: [["name"], ["size", "a.b"]] };
      for (const one of [whole, part]) {
        indexed.set(one.name, new Set(one.indexes.flat()));
        for (const store of stores) await store.ensure(one);
      }
      for (const [at, { collection, step }] of given.entries()) {
        const name = `${run} ${collection}`;
        if (step.do === "ensure")
          indexed.set(name, new Set([...(indexed.get(name) ?? []), ...step.indexes.flat()]));
        if (step.do === "drop") indexed.delete(name);
        // SQLite does not always notice: nothing is among no values of anything.
        if (!fieldsOf(step).every((field) => indexed.get(name)?.has(field))) continue;
        const guards = await guardsOf(sqlite, name);
        const asked = { name, step, guards, guard: at + FIRST_GUARD };
        const [expected, actual] = await Promise.all(
          stores.map((store) => answer(perform(store, asked))),
        );
        expect({ ...actual, told: "" }, actual?.told).toEqual({ ...expected, told: "" });
      }
    });
    // What was found is not made smaller: each try would cost what the whole test may.
    await fc.assert(property, { numRuns: 12, endOnFailure: true });
  });
});
