import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { appRouter } from "@daybook/api";
import { type App, collectionOf, openApp, type Principal } from "@daybook/application";
import { mailTemplate } from "@daybook/domain";
import { type MailRow, mails, type Projection, people } from "@daybook/projections";
import { beforeAll, expect, test, vi } from "vitest";
import { listPeople, personRow } from "../support/people.ts";
import { dataFolder, removeFolder } from "../support/server.ts";

type Caller = ReturnType<typeof appRouter.createCaller>;

let app: App;
let list: Caller["people"]["list"];
let mailList: Caller["mail"]["list"];
let db: DatabaseSync;
/** Every statement that was prepared: the real ones run, and are read here. */
const prepared = vi.spyOn(DatabaseSync.prototype, "prepare");

beforeAll(async () => {
  const data = await dataFolder();
  app = await openApp({ data, key: undefined }, () => new Date());
  for (const one of [people, mails] as unknown as Projection[])
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
  const caller = appRouter.createCaller({
    ...{ app, mailbox: undefined, showSecrets: false, newId: randomUUID, setSession: () => {} },
    ...{ token: undefined, seen: 0, ip: "", userAgent: undefined, url: () => "" },
    principal: { account, membership } as Principal,
  });
  list = caller.people.list;
  mailList = caller.mail.list;
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

/** The statements on a list that a call prepared for the first time, with their plans. */
async function planned(call: () => Promise<unknown>, collection = "people") {
  prepared.mockClear();
  await call();
  const statements = prepared.mock.calls
    .map(([sql]) => sql)
    .filter((sql) => sql.includes(`"${collection}-`));
  return statements.map((sql) => ({ sql, plan: planOf(sql) }));
}

// A page costs the same in an organization of a thousand and of a million: every list that can be
// asked for stands in an index as it is shown, from where the cursor is.
test("every list, filter and search is served by an index, and nothing is sorted or scanned", async () => {
  const found: { sql: string; plan: string[] }[] = [];
  for (const filter of filters)
    for (const order of [...lists, ...searches]) {
      const first = { ...filter, ...order, limit: 1 };
      found.push(...(await planned(() => list(first))));
      // One person is left of each pair of filters: the cursor is that of the whole list.
      const { cursor } = await list({ ...order, limit: 1 });
      found.push(...(await planned(() => list({ ...first, cursor }))));
    }
  // Of each filter's shape 6 orders and 4 searched fields, with and without a cursor, and 2 counts.
  expect(found).toHaveLength(4 * (2 * (6 + 4) + 2));
  for (const one of found) expectByIndex(one, "people", "_status=? AND _role=?");
});

/** Every part of a statement is read in an index whose first fields are given, and none is sorted. */
function expectByIndex({ sql, plan }: { sql: string; plan: string[] }, name: string, set: string) {
  const steps = plan.filter(
    (step) => !/^(MERGE|LEFT|RIGHT|MULTI-INDEX|INDEX \d|CO-ROUT)/.test(step),
  );
  const reads = steps.filter((step) => step !== "SCAN (subquery-1)");
  expect(reads.length, sql).toBeGreaterThan(0);
  for (const step of reads) {
    expect(step, sql).toMatch(new RegExp(`^SEARCH ${name}-\\d+ USING (COVERING )?INDEX `));
    expect(step, sql).toContain(`(_organization=? AND ${set}`);
    // It begins at the cursor, or else at the prefix.
    if (/,id\) [<>]/.test(sql)) expect(step, sql).toMatch(/\(_\w+,id\)[<>]\(\?,\?\)/);
    else if (sql.includes(">= ?")) expect(step, sql).toMatch(/_\w+>\? AND _\w+<\?\)/);
  }
}

test("so is every list of mails", async () => {
  let statements = 0;
  for (const status of [undefined, ...mailStatuses])
    for (const template of [undefined, ...mailTemplate.options])
      for (const search of [undefined, "a"]) {
        const order = { ...(search && { search }), limit: 1 };
        const first = { ...order, ...(status && { status }), ...(template && { template }) };
        const { cursor } = await mailList(order);
        for (const page of [first, { ...first, cursor }])
          for (const one of await planned(() => mailList(page), "mails")) {
            statements++;
            expectByIndex(one, "mails", template ? "_status=? AND _template=?" : "_status=?");
          }
      }
  // Of each filter's shape the newest and the searched, with and without a cursor, and 2 counts; the
  // first page of all was prepared to get a cursor.
  expect(statements).toBe(4 * (2 * 2 + 2) - 4);
});
