import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type App, collectionOf, type Reader, reader, search } from "@daybook/application";
import type { RecordedEvent } from "@daybook/domain";
import { foldRow, type PersonRow, people } from "@daybook/projections";
import { ORGANIZATION, open, personId, project } from "../fixtures.ts";
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
    // The runner makes the indexes of what has caught up, and here there is nothing to catch up with.
    await project(folder);
  });

/** Nothing chosen: the API then names all values, because the indexes begin with them. */
const where = {
  status: { in: ["active", "inactive"] },
  role: { in: ["administrator", "auditor", "member"] },
};
const fields = ["sortName", "searchFirstName", "searchUsername", "searchEmail"] as const;

/** Asks for a page of up to 50 and a count up to 1,000. */
type Ask = (views: Reader) => Promise<unknown>;

const list: Ask = (views) =>
  Promise.all([
    views.find(people, { where, sort: ["sortName"], direction: "ascending", limit: 50 }),
    views.count(people, { where }),
  ]);

/**
 * Looks for the first letter of somebody's last name, which finds more than a page also among few.
 * Pages differ in size, so that not each is one that was asked for before.
 */
const lookFor: Ask = (views) => {
  const { lastName } = nameOf(Math.floor(Math.random() * FEW));
  const prefix = lastName.slice(0, 1).toLowerCase();
  const anyOf = fields.map((field) => ({ [field]: { prefix } }));
  const limit = 50 - Math.floor(Math.random() * 10);
  return Promise.all([
    search(views, people, { where, fields, prefix, limit }),
    views.count(people, { where, anyOf }),
  ]);
};

async function pageMs(app: App, ask: Ask, pages: number): Promise<number> {
  const views = reader(app, ORGANIZATION, 0);
  const took: number[] = [];
  while (took.length < pages) took.push(await msOf(() => ask(views)));
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

async function measurePages(setting: Setting, count: number, ask: Ask) {
  const app = await open(await listOf(setting, count));
  await pageMs(app, ask, 10);
  const runs = await repeat(setting, `pages of ${count}`, timesIn(setting), () =>
    pageMs(app, ask, pagesIn(setting)),
  );
  await app.close();
  return runs;
}

async function measureGrowth(setting: Setting, ask: Ask): Promise<Measured> {
  const few = await measurePages(setting, FEW, ask);
  const runs = await measurePages(setting, many(setting), ask);
  const base = median(few);
  const large = `${inUnit(median(runs), "ms")} with ${many(setting)}`;
  const notes = [`${inUnit(base, "ms")} with ${FEW}, ${large}.`];
  return { runs: runs.map((ms) => ms / base), floor: few.map((ms) => ms / base), notes };
}

async function measurePage(setting: Setting, ask: Ask): Promise<Measured> {
  const runs = await measurePages(setting, many(setting), ask);
  const folder = await listOf(setting, many(setting));
  const bare = async () => barePageMs(folder, pagesIn(setting));
  return { runs, floor: await repeat(setting, "bare SQLite", timesIn(setting), bare) };
}

const growth = (what: string, ask: Ask): Row => ({
  name: `${what} of 1,000,000 documents against 1,000`,
  unit: "times",
  target: { amount: 1.5 },
  floor: "the same with 1,000 documents",
  measure: (setting) => measureGrowth(setting, ask),
});

const page = (what: string, ask: Ask): Row => ({
  name: `a page: ${what} of 1,000,000 documents`,
  unit: "ms",
  target: { amount: 5 },
  floor: "bare SQLite reading 50 of the same documents by id",
  note: "A page of 50 and a count up to 1,000, in process.",
  measure: (setting) => measurePage(setting, ask),
});

export const lists: readonly Row[] = [
  growth("list", list),
  growth("search", lookFor),
  page("list", list),
  page("search", lookFor),
];
