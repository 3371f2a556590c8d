import { InvalidCursor } from "@daybook/adapters";
import { type App, openApp, type Reader, reader, search } from "@daybook/application";
import { type PersonRow, people, type Where } from "@daybook/projections";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { listPeople, personRow, unlistPeople } from "../support/people.ts";
import { dataFolder, removeFolder } from "../support/server.ts";

const fields = ["sortName", "searchFirstName", "searchUsername", "searchEmail"] as const;

// Few letters, so that terms tie and begin one another. The last ones are ordered differently by
// code points and by JavaScript, and half a character is none to a store.
const word = fc.string({ unit: fc.constantFrom("a", "b", " ", "ﬀ", "🍏", "\ud800"), maxLength: 4 });
const person = fc.record({
  ...Object.fromEntries(fields.map((field) => [field, word])),
  role: fc.constantFrom("administrator", "auditor", "member"),
  status: fc.constantFrom("active", "inactive"),
}) as fc.Arbitrary<Partial<PersonRow>>;
const filter: fc.Arbitrary<Where> = fc.record({
  role: fc.constantFrom("member", { in: ["administrator", "auditor", "member"] }),
  status: fc.constantFrom("active", { in: ["active", "inactive"] }),
});

let app: App;
beforeAll(async () => {
  const data = await dataFolder();
  app = await openApp({ data, key: undefined }, () => new Date());
  return async () => {
    await app.close();
    await removeFolder(data);
  };
});

/** People of a new organization, in no order, and the view on them. */
let organizations = 0;
async function organized(given: readonly Partial<PersonRow>[]) {
  const organization = `organization-${organizations++}`;
  const named = (some: readonly Partial<PersonRow>[], from = 0) =>
    some.map((one, at) => personRow({ ...one, id: `${organization}-${from + at}`, organization }));
  const rows = named(given);
  await listPeople(app, rows);
  return { rows, named, views: reader(app, organization, 0) };
}

const points = (text: string) =>
  Array.from(text.toWellFormed(), (one) => String(one.codePointAt(0)).padStart(8, "0")).join();

/** Where a person stands in what is found: the least term that matches, then the id. */
function placeOf(row: PersonRow, prefix: string): string | undefined {
  const terms = fields.map((field) => points(row[field]));
  const least = terms.filter((one) => `${one},`.startsWith(points(prefix))).toSorted()[0];
  return least === undefined ? undefined : `${least} ${points(row.id)}`;
}

/** The plainest search: test every row, sort what matches. */
function naive(rows: readonly PersonRow[], prefix: string, where: Where): PersonRow[] {
  const { role, status } = where;
  const holds = (condition: unknown, value: string) =>
    typeof condition !== "string" || condition === value;
  return rows
    .filter((row) => holds(role, row.role) && holds(status, row.status))
    .flatMap((row) => ({ row, place: placeOf(row, prefix) ?? [] }))
    .filter(({ place }) => typeof place === "string")
    .toSorted((one, other) => (one.place < other.place ? -1 : 1))
    .map(({ row }) => row);
}

type Asked = { prefix: string; where: Where; limit: number };

/** All pages of a search, with something done between any two. */
async function paged(views: Reader, asked: Asked, between = async () => {}) {
  const pages: PersonRow[][] = [];
  for (let cursor: string | undefined; ; await between()) {
    const query = { ...asked, fields, ...(cursor && { cursor }) };
    const page = await search(views, people, query);
    pages.push(page.rows);
    cursor = page.cursor;
    if (!cursor) return pages;
  }
}

const asked = fc.record({ prefix: word, where: filter, limit: fc.integer({ min: 1, max: 7 }) });

test("the pages of a search are what a filter and a sort give, each person once", () =>
  fc.assert(
    fc.asyncProperty(fc.array(person, { maxLength: 30 }), asked, async (given, query) => {
      const { rows, views } = await organized(given);
      const expected = naive(rows, query.prefix, query.where);
      const pages = await paged(views, query);
      expect(pages.flat()).toEqual(expected);
      expect(pages).toHaveLength(Math.max(1, Math.ceil(expected.length / query.limit)));
      const anyOf = fields.map((field) => ({ [field]: { prefix: query.prefix } }));
      expect(await views.count(people, { where: query.where, anyOf })).toBe(expected.length);
    }),
    { numRuns: 200 },
  ));

test("whoever comes or goes between two pages doubles and hides nobody else", () =>
  fc.assert(
    fc.asyncProperty(
      ...[fc.array(person, { minLength: 5, maxLength: 30 }), fc.array(person), asked],
      fc.array(fc.nat({ max: 29 }), { maxLength: 10 }),
      async (given, coming, query, going) => {
        const { rows, named, views } = await organized(given);
        const newcomers = named(coming, rows.length);
        const leavers = [...new Set(going)].flatMap((at) => rows[at] ?? []);
        const [arriving, leaving] = [newcomers.values(), leavers.values()];
        const seen = await paged(views, query, async () => {
          await listPeople(app, arriving.take(1).toArray());
          await unlistPeople(app, leaving.take(1).toArray());
        });
        const found = seen.flat();
        expect(found).toEqual(naive([...new Set(found)], query.prefix, query.where));
        const stayed = rows.filter((row) => !leavers.includes(row));
        const expected = naive(stayed, query.prefix, query.where).map(({ id }) => id);
        expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining(expected));
      },
    ),
    { numRuns: 100 },
  ));

// Every Ada matches again by her username, after all of them were given: passing over all of these
// for one page would cost what the organization weighs.
test("a page reads a bounded number of people, whoever they are", async () => {
  const adas = Array.from({ length: 2500 }, (_, at) => ({
    searchFirstName: "ada",
    searchUsername: `ada.${String(at).padStart(4, "0")}`,
  }));
  const { rows, views } = await organized([...adas, { searchUsername: "adb" }]);
  let read = 0;
  const counting: Reader = {
    ...views,
    find: async (projection, query) => {
      const page = await views.find(projection, query);
      read += page.rows.length;
      return page;
    },
  };
  const perPage: number[] = [];
  const pages = await paged(counting, { prefix: "ad", where: {}, limit: 100 }, async () => {
    perPage.push(read);
    read = 0;
  });
  expect(Math.max(...perPage)).toBeLessThan(1000);
  expect(pages.flat().map(({ id }) => id)).toEqual(naive(rows, "ad", {}).map(({ id }) => id));
});

test("a cursor that is damaged or of another search is refused", async () => {
  const { views } = await organized([{ sortName: "hopper" }, { searchEmail: "hopper@navy" }]);
  const first = { fields, prefix: "hop", where: {}, limit: 1 };
  const { cursor = "" } = await search(views, people, first);
  const byName = { where: {}, sort: ["sortName"], direction: "ascending", limit: 1 } as const;
  const ofList = (await views.find(people, byName)).cursor ?? "";
  const bad = [
    { ...first, cursor: cursor.slice(0, -5) },
    { ...first, cursor: ofList },
    { ...first, cursor, prefix: "how" },
  ];
  for (const query of bad)
    await expect(search(views, people, query)).rejects.toThrow(InvalidCursor);
  expect((await search(views, people, { ...first, cursor })).rows).toHaveLength(1);
});
