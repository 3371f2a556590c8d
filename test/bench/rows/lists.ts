import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type App, collectionOf, reader } from "@daybook/application";
import type { RecordedEvent } from "@daybook/domain";
import { foldRow, type PersonRow, people, type Query } from "@daybook/projections";
import { ORGANIZATION, open, personId } from "../fixtures.ts";
import { quoted } from "../floors/sqlite.ts";
import { inUnit, median, msOf } from "../measure.ts";
import { idOf, nameOf } from "../names.ts";
import { type Measured, type Row, repeat, type Setting, sharedFolder } from "../row.ts";

/** Lists of people, as the API asks for them: a page and a capped count. */

const FEW = 1000;
const many = ({ quick }: Setting): number => (quick ? 20_000 : 1_000_000);
const AT_ONCE = 5000;

const createdAt = (nth: number) => new Date(Date.UTC(2026, 0, 1) + nth * 1000).toISOString();

/** The row that the product's own fold makes of a person's first event. */
function rowOf(nth: number): PersonRow {
  const id = personId(nth);
  const noClaim = { name: "", token: "" };
  const event: RecordedEvent = {
    ...{ id: idOf("event", nth), type: "UserCreated", stream: `user-${id}` },
    ...{ revision: 0, position: nth + 1 },
    data: { ...nameOf(nth), phone: "", emailClaim: noClaim, usernameClaim: noClaim },
    meta: {
      ...{ at: createdAt(nth), actor: { kind: "system", id: "bench" }, subject: id },
      ...{ organization: ORGANIZATION, commandId: id, correlationId: id, schemaVersion: 1 },
    },
  };
  return foldRow(people, undefined, event) as PersonRow;
}

const listOf = (setting: Setting, count: number): Promise<string> =>
  sharedFolder(setting, `list-${count}`, async (folder) => {
    setting.say(`making ${count} documents`);
    const app = await open(folder);
    for (let from = 0; from < count; from += AT_ONCE) {
      const writes = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, at) => {
        const row = rowOf(from + at);
        return { id: row.id, row, guard: from + at + 1, after: undefined };
      });
      await app.documents.write(collectionOf(people), writes);
    }
    await app.close();
  });

type Filter = Pick<Query, "where" | "anyOf">;

const everybody = (): Filter => ({ where: {} });

/** The first three letters of somebody's last name, looked for where the product looks for them. */
function search(): Filter {
  const { lastName } = nameOf(Math.floor(Math.random() * FEW));
  const prefix = lastName.slice(0, 3).toLowerCase();
  const fields = ["sortName", "searchFirstName", "searchUsername", "searchEmail"];
  return { where: {}, anyOf: fields.map((field) => ({ [field]: { prefix } })) };
}

async function pageMs(app: App, filter: () => Filter, pages: number): Promise<number> {
  const views = reader(app, ORGANIZATION, 0);
  const took: number[] = [];
  for (let page = 0; page < pages; page++) {
    const asked = filter();
    const query: Query = { ...asked, sort: ["sortName"], direction: "ascending", limit: 50 };
    const all = () => Promise.all([views.find(people, query), views.count(people, asked)]);
    took.push(await msOf(all));
  }
  return median(took);
}

/** How long bare SQLite takes to read as many documents. */
function barePageMs(folder: string, pages: number): number {
  const db = new DatabaseSync(join(folder, "views.db"), { readOnly: true });
  const page = db.prepare(`SELECT * FROM ${quoted(collectionOf(people))} ORDER BY id LIMIT 50`);
  const took = Array.from({ length: pages }, () => {
    const startedAt = performance.now();
    page.all();
    return performance.now() - startedAt;
  });
  db.close();
  return median(took);
}

const pagesIn = ({ quick }: Setting): number => (quick ? 50 : 200);
const timesIn = ({ quick }: Setting): number => (quick ? 2 : 5);

async function measurePages(setting: Setting, count: number, filter: () => Filter) {
  const app = await open(await listOf(setting, count));
  await pageMs(app, filter, 10);
  const runs = await repeat(setting, `pages of ${count}`, timesIn(setting), () =>
    pageMs(app, filter, pagesIn(setting)),
  );
  await app.close();
  return runs;
}

async function measureGrowth(setting: Setting, filter: () => Filter): Promise<Measured> {
  const few = await measurePages(setting, FEW, filter);
  const runs = await measurePages(setting, many(setting), filter);
  const base = median(few);
  const large = `${inUnit(median(runs), "ms")} with ${many(setting)}`;
  const notes = [`${inUnit(base, "ms")} with ${FEW}, ${large}.`];
  return { runs: runs.map((ms) => ms / base), floor: few.map((ms) => ms / base), notes };
}

async function measurePage(setting: Setting, filter: () => Filter): Promise<Measured> {
  const runs = await measurePages(setting, many(setting), filter);
  const folder = await listOf(setting, many(setting));
  const bare = async () => barePageMs(folder, pagesIn(setting));
  return { runs, floor: await repeat(setting, "bare SQLite", timesIn(setting), bare) };
}

const growth = (what: string, filter: () => Filter): Row => ({
  name: `${what} of 1,000,000 documents against 1,000`,
  unit: "times",
  target: { amount: 1.5 },
  floor: "the same with 1,000 documents",
  measure: (setting) => measureGrowth(setting, filter),
});

const page = (what: string, filter: () => Filter): Row => ({
  name: `a page: ${what} of 1,000,000 documents`,
  unit: "ms",
  target: { amount: 5 },
  floor: "bare SQLite reading 50 of the same documents by id",
  note: "A page of 50 and a count up to 1,000, in process.",
  measure: (setting) => measurePage(setting, filter),
});

export const lists: readonly Row[] = [
  growth("list", everybody),
  growth("search", search),
  page("list", everybody),
  page("search", search),
];
