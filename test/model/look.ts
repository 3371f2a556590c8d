import { historyKinds } from "@daybook/projections";
import { expect } from "vitest";
import { eventually } from "../support/eventually.ts";
import {
  historyOf,
  homeOf,
  type Listing,
  listed,
  mailsOf,
  meOf,
  namesOf,
  rowOf,
  settled,
} from "./answers.ts";
import { type Person, Refused, reader } from "./model.ts";
import { BROWSERS, type Client, expected, outcomeOf, type World } from "./world.ts";

/** Queries by a browser, with the position of the last answer: each agrees with the model at once. */

type PersonRow = Awaited<ReturnType<Client["people"]["get"]["query"]>>;
type HistoryEntry = Awaited<ReturnType<Client["history"]["list"]["query"]>>["rows"][number];

/** All but mails, which follow the answer of what they are about: they are looked at on their own. */
const kinds = historyKinds.filter((kind) => kind !== "mail");

/** What the product shows of a row that the model knows too. */
function shownRow(row: PersonRow) {
  const { sortName, searchFirstName, searchUsername, searchEmail, ...shown } = row;
  const { createdAt, lastSignInAt, ...known } = shown;
  return { ...known, signedIn: lastSignInAt !== "" };
}

const shownEntry = ({ type, actor, changes }: HistoryEntry) => ({ type, by: actor.id, changes });

async function agrees<T>(
  world: World,
  browser: string,
  query: (client: Client) => Promise<T>,
  answer: (by: Person) => T,
): Promise<void> {
  const wanted = expected(() => answer(reader(world.model, browser)));
  const outcome = await eventually(async () => {
    const one = await outcomeOf(query(world.client(browser)));
    // A busy machine may be slower than the product lets anybody wait: it says so, and shows nothing
    // that is older.
    return "refusal" in one && one.refusal === "view/behind" ? undefined : one;
  });
  expect(outcome).toEqual(wanted);
}

type Page<R> = { rows: R[]; cursor?: string | undefined };

/** All rows of a list, page by page. */
async function everyPage<R>(page: (cursor: { cursor?: string }) => Promise<Page<R>>): Promise<R[]> {
  const rows: R[] = [];
  let cursor: { cursor?: string } | undefined = {};
  while (cursor) {
    const next: Page<R> = await page(cursor);
    rows.push(...next.rows);
    cursor = next.cursor === undefined ? undefined : { cursor: next.cursor };
  }
  return rows;
}

export async function lookAtMe(world: World, browser: string): Promise<void> {
  const me = await world.client(browser).session.me.query();
  const { logId: _, organization, ...rest } = me ?? {};
  expect(me && { ...rest, organization: organization?.id }).toEqual(meOf(world.model, browser));
}

/** A list, all at once or in pages of a few. */
export const lookAtList = (world: World, browser: string, listing: Listing = {}, limit = 200) =>
  agrees(
    world,
    browser,
    async ({ people }) => {
      const counts = new Set<number>();
      const rows = await everyPage(async (cursor) => {
        const page = await people.list.query({ ...listing, limit, ...cursor });
        counts.add(page.count);
        expect(page.rows.length).toBeLessThanOrEqual(limit);
        return page;
      });
      return { rows: rows.map(shownRow), counts: [...counts] };
    },
    ({ organization }) => {
      const rows = listed(world.model, organization, listing).map(rowOf);
      return { rows, counts: [rows.length] } as never;
    },
  );

export const lookAtPerson = (world: World, browser: string, id: string) =>
  agrees(
    world,
    browser,
    async ({ people }) => shownRow(await people.get.query({ id })),
    ({ organization }) => {
      const person = world.model.people.get(id);
      if (person?.organization !== organization) throw new Refused("user/unknown");
      return rowOf(person) as never;
    },
  );

/** Who did what; with `whole` also what follows the answer of a command. */
export const lookAtHistory = (world: World, browser: string, id: string, whole = false) =>
  agrees(
    world,
    browser,
    async ({ history }) => {
      const { rows, names } = await history.list.query({ subject: id, kinds, limit: 200 });
      const entries = rows.map(shownEntry);
      return { entries: whole ? entries : settled(entries), names };
    },
    ({ organization }) => {
      const person = world.model.people.get(id);
      if (person?.organization !== organization) return { entries: [], names: {} };
      const entries = historyOf(person);
      const names = namesOf(world.model, person) as never;
      return { entries: whole ? entries : settled(entries), names };
    },
  );

/** Page by page: what a field was before is told only where that is not too far back. */
export const lookAtHistoryPages = (world: World, browser: string, id: string, limit: number) =>
  agrees(
    world,
    browser,
    async ({ history }) => {
      const page = { subject: id, kinds, limit };
      const rows = await everyPage((cursor) => history.list.query({ ...page, ...cursor }));
      return settled(rows.map(shownEntry)).map(({ type, by }) => ({ type, by }));
    },
    ({ organization }) => {
      const person = world.model.people.get(id);
      if (person?.organization !== organization) return [];
      return settled(historyOf(person)).map(({ type, by }) => ({ type, by }));
    },
  );

/** Mails are asked for after the answer, so that they are there in the end. */
export const lookAtMails = (world: World, browser: string, limit = 200) =>
  agrees(
    world,
    browser,
    async ({ mail }) => {
      const by = world.model.people.get(world.model.sessions.get(browser) ?? "");
      const wanted = mailsOf(world.model, by?.organization ?? "");
      const rows = await eventually(async () => {
        const found = await everyPage((cursor) => mail.list.query({ limit, ...cursor }));
        return found.length >= wanted.length ? found : undefined;
      });
      for (const { to, subject } of rows)
        expect(world.model.people.get(subject ?? "")?.addresses).toContain(to);
      expect(rows.map(({ status }) => status)).not.toContain("failed");
      return rows.map(({ template, subject }) => ({ template, subject }));
    },
    ({ organization }) =>
      mailsOf(world.model, organization).map(({ template, person }) => ({
        template,
        subject: person.id,
      })),
  );

/** What the home page counts: mails, as they are requested in the end. */
export const lookAtHome = (world: World, browser: string) =>
  agrees(
    world,
    browser,
    async ({ home }) => {
      const by = world.model.people.get(world.model.sessions.get(browser) ?? "");
      const wanted = mailsOf(world.model, by?.organization ?? "").length;
      return eventually(async () => {
        const { people, signIns, mail } = await home.overview.query({ hours: 168 });
        const total = (outcome: "succeeded" | "failed" | "refused") =>
          signIns?.reduce((sum, hour) => sum + hour[outcome], 0);
        const outcomes = [total("succeeded"), total("failed"), total("refused")];
        const mails = mail ? mail.pending + mail.sent + mail.failed : 0;
        return mails >= wanted ? { people, outcomes, mails } : undefined;
      });
    },
    ({ organization }) => homeOf(world.model, organization) as never,
  );

/**
 * What a command may have changed, as the browser that sent it and a watcher are shown it, and who is
 * signed in where.
 */
export async function lookAround(world: World, browser: string, id?: string): Promise<void> {
  const person = id === undefined ? undefined : world.model.people.get(id);
  const watcher = world.watchers[person?.organization ?? ""] ?? "acme";
  const looks = [...new Set([browser, watcher])].flatMap((one) => [
    lookAtList(world, one),
    ...(person ? [lookAtPerson(world, one, person.id), lookAtHistory(world, one, person.id)] : []),
  ]);
  await Promise.all([...looks, ...BROWSERS.map((one) => lookAtMe(world, one))]);
}
