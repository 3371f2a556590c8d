import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { appRouter } from "@daybook/api";
import { type App, collectionOf, openApp, type Principal, reader } from "@daybook/application";
import { mailTemplate } from "@daybook/domain";
import {
  type HistoryRow,
  history,
  historyKinds,
  type MailRow,
  mails,
  type Projection,
  people,
  signInHours,
} from "@daybook/projections";
import { v7 } from "uuid";
import { beforeAll, expect, test, vi } from "vitest";
import { listPeople, personRow } from "../support/people.ts";
import { dataFolder, removeFolder } from "../support/server.ts";

type Caller = ReturnType<typeof appRouter.createCaller>;

let app: App;
let caller: Caller;
let db: DatabaseSync;
/** Every statement that was prepared: the real ones run, and are read here. */
const prepared = vi.spyOn(DatabaseSync.prototype, "prepare");

beforeAll(async () => {
  const data = await dataFolder();
  app = await openApp({ data, key: undefined }, () => new Date());
  for (const one of [people, history, signInHours, mails] as unknown as Projection[])
    await app.views.complete(one, app.views.active(one));
  db = new DatabaseSync(`${data}/views.db`, { readOnly: true });
  const ada = {
    ...{ searchFirstName: "ada", searchUsername: "ada", searchEmail: "ada@navy", sortName: "ada" },
  };
  for (const status of ["active", "inactive"] as const)
    for (const role of ["administrator", "auditor", "member"] as const)
      await listPeople(app, [personRow({ ...ada, id: `${status}-${role}`, status, role })]);
  await listMails();
  const account = { id: "ada", mustChangePassword: false };
  const membership = { organization: "acme", role: "administrator" };
  caller = appRouter.createCaller({
    ...{ app, mailbox: undefined, showSecrets: false, newId: randomUUID, setSession: () => {} },
    ...{
      url: () => "",
      token: undefined,
      seen: 0,
      ip: "",
      userAgent: undefined,
      projections: async () => [],
    },
    principal: { account, membership } as Principal,
    views: reader(app, "acme", 0),
  });
  return async () => {
    db.close();
    await app.close();
    await removeFolder(data);
  };
});

const mailStatuses = ["waiting", "sending", "sent", "failed"] as const;

/** A mail of every state and template, as no event made it. */
async function listMails() {
  const made = mailStatuses.flatMap((status) =>
    mailTemplate.options.map((template): MailRow => {
      const times = {
        requestedAt: "",
        nextAt: "",
        attempts: 0,
        position: 1,
        repeats: 0,
        tries: [],
      };
      const to = { to: "ada@navy", searchTo: "ada@navy" };
      return {
        id: `${status}-${template}`,
        organization: "acme",
        status,
        template,
        ...to,
        ...times,
      };
    }),
  );
  const writes = made.map((row) => ({ id: row.id, row, guard: 1, after: undefined }));
  await app.documents.write(collectionOf(mails), writes);
}

const statuses = [undefined, "active", "inactive"] as const;
const roles = [undefined, "administrator", "auditor", "member"] as const;
const filters = statuses.flatMap((status) => roles.map((role) => ({ status, role })));
const lists = (["name", "created", "lastSignIn"] as const).flatMap((sort) =>
  (["ascending", "descending"] as const).map((order) => ({ sort, order })),
);
const searches = [{ search: "a" }];

/** What SQLite says that it would do, a line a step. */
const planOf = (sql: string) =>
  (db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]).map(
    ({ detail }) => detail,
  );

type Statement = { sql: string; plan: string[] };

/** The statements on a read model that a call prepared for the first time, with their plans. */
async function planned({ name }: { name: string }, call: () => Promise<unknown>) {
  prepared.mockClear();
  await call();
  const statements = prepared.mock.calls
    .map(([sql]) => sql)
    .filter((sql) => sql.includes(`"${name}-`));
  return statements.map((sql): Statement => ({ sql, plan: planOf(sql) }));
}

/** What a statement reads; each must be found in an index. */
function readsOf({ sql, plan }: Statement): string[] {
  const steps = plan.filter(
    (step) => !/^(MERGE|LEFT|RIGHT|MULTI-INDEX|INDEX \d|CO-ROUT)/.test(step),
  );
  const reads = steps.filter((step) => step !== "SCAN (subquery-1)");
  expect(reads.length, sql).toBeGreaterThan(0);
  for (const step of reads)
    expect(step, sql).toMatch(/^SEARCH [a-z-]+-\d+ USING (COVERING )?INDEX /);
  return reads;
}

// A page costs the same in an organization of a thousand and of a million: every list that can be
// asked for stands in an index as it is shown, from where the cursor is.
test("every list, filter and search is served by an index, and nothing is sorted or scanned", async () => {
  const { list } = caller.people;
  const found: Statement[] = [];
  for (const filter of filters)
    for (const order of [...lists, ...searches]) {
      const first = { ...filter, ...order, limit: 1 };
      found.push(...(await planned(people, () => list(first))));
      // One person is left of each pair of filters: the cursor is that of the whole list.
      const { cursor } = await list({ ...order, limit: 1 });
      found.push(...(await planned(people, () => list({ ...first, cursor }))));
    }
  // Of each filter's shape 6 orders and 4 searched fields, with and without a cursor, and 2 counts.
  expect(found).toHaveLength(4 * (2 * (6 + 4) + 2));
  for (const statement of found) expectOfList(statement, "_status=? AND _role=?");
});

/** A list is read where its filters are given, from the cursor on, or else from the prefix. */
function expectOfList(statement: Statement, given: string) {
  const { sql } = statement;
  for (const step of readsOf(statement)) {
    expect(step, sql).toContain(`(_organization=? AND ${given}`);
    if (/,id\) [<>]/.test(sql)) expect(step, sql).toMatch(/\(_\w+,id\)[<>]\(\?,\?\)/);
    else if (sql.includes(">= ?")) expect(step, sql).toMatch(/_\w+>\? AND _\w+<\?\)/);
  }
}

/** Two entries of each kind about one person, the later caused by the earlier one. */
function entriesAbout(subject: string): HistoryRow[] {
  const ids = historyKinds.flatMap((kind) => [v7(), v7()].map((id) => ({ id, kind })));
  return ids.map(({ id, kind }, at) => ({
    ...{ id, kind, organization: "acme", subject, type: "UserRenamed", stream: `user-${subject}` },
    ...{ at: "", position: at + 1, actor: { kind: "user", id: subject } },
    ...{ causedBy: ids[at - 1]?.id, set: { firstName: `Ada ${at}` }, changes: true },
  }));
}

test("every choice of a history, one entry and an hour are served by an index too", async () => {
  const subject = v7();
  const entries = entriesAbout(subject);
  const writes = entries.map((row) => ({ id: row.id, row, guard: 1, after: undefined }));
  await app.documents.write(collectionOf(history), writes);
  const { list, get } = caller.history;
  const found: Statement[] = [];
  for (const about of [{}, { subject }])
    for (const [at] of historyKinds.entries()) {
      const first = { ...about, kinds: historyKinds.slice(0, at + 1), limit: 1 };
      found.push(...(await planned(history, () => list(first))));
      const { cursor } = await list(first);
      found.push(...(await planned(history, () => list({ ...first, cursor }))));
    }
  // Of so many kinds as there are, with and without a person and a cursor, and one look back.
  expect(found).toHaveLength(2 * 2 * historyKinds.length + 1);
  found.push(...(await planned(history, () => get({ id: entries[1]?.id ?? "" }))));
  expect(found).toHaveLength(2 * 2 * historyKinds.length + 3);
  const hours = await planned(signInHours, () => caller.home.overview({}));
  expect(hours).toHaveLength(1);
  for (const statement of [...found, ...hours])
    for (const step of readsOf(statement)) {
      const { sql } = statement;
      if (/,id\) [<>]/.test(sql)) expect(step, sql).toMatch(/\(_position,id\)<\(\?,\?\)/);
      for (const field of ["subject", "kind", "changes", "causedBy", "at"])
        if (sql.includes(`"_${field}" `)) expect(step, sql).toMatch(`_${field}`);
    }
});

test("so is every list of mails", async () => {
  let statements = 0;
  for (const status of [undefined, ...mailStatuses])
    for (const template of [undefined, ...mailTemplate.options])
      for (const search of [undefined, "a"]) {
        const order = { ...(search && { search }), limit: 1 };
        const first = { ...order, ...(status && { status }), ...(template && { template }) };
        const { cursor } = await caller.mail.list(order);
        for (const page of [first, { ...first, cursor }])
          for (const one of await planned(mails, () => caller.mail.list(page))) {
            statements++;
            expectOfList(one, template ? "_status=? AND _template=?" : "_status=?");
          }
      }
  // Of each filter's shape the newest and the searched, with and without a cursor, and 2 counts; the
  // first page of all was prepared to get a cursor.
  expect(statements).toBe(4 * (2 * 2 + 2) - 4);
});
