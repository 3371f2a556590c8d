import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { appRouter } from "@daybook/api";
import { type App, openApp, type Principal } from "@daybook/application";
import { type Projection, people } from "@daybook/projections";
import { beforeAll, expect, test, vi } from "vitest";
import { listPeople, personRow } from "../support/people.ts";
import { dataFolder, removeFolder } from "../support/server.ts";

type Caller = ReturnType<typeof appRouter.createCaller>;

let app: App;
let list: Caller["people"]["list"];
let db: DatabaseSync;
/** Every statement that was prepared: the real ones run, and are read here. */
const prepared = vi.spyOn(DatabaseSync.prototype, "prepare");

beforeAll(async () => {
  const data = await dataFolder();
  app = await openApp({ data, key: undefined }, () => new Date());
  await app.views.complete(people as unknown as Projection, app.views.active(people));
  db = new DatabaseSync(`${data}/views.db`, { readOnly: true });
  const ada = {
    ...{ searchFirstName: "ada", searchUsername: "ada", searchEmail: "ada@navy", sortName: "ada" },
  };
  for (const status of ["active", "inactive"] as const)
    for (const role of ["administrator", "auditor", "member"] as const)
      await listPeople(app, [personRow({ ...ada, id: `${status}-${role}`, status, role })]);
  const account = { id: "ada", mustChangePassword: false };
  const membership = { organization: "acme", role: "administrator" };
  list = appRouter.createCaller({
    ...{ app, mailbox: undefined, showSecrets: false, newId: randomUUID, setSession: () => {} },
    ...{ token: undefined, seen: 0, ip: "", userAgent: undefined },
    principal: { account, membership } as Principal,
  }).people.list;
  return async () => {
    db.close();
    await app.close();
    await removeFolder(data);
  };
});

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

/** The statements on the list of people that a call prepared for the first time, with their plans. */
async function planned(call: () => Promise<unknown>) {
  prepared.mockClear();
  await call();
  const statements = prepared.mock.calls
    .map(([sql]) => sql)
    .filter((sql) => sql.includes('"people-'));
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
  for (const { sql, plan } of found) {
    const steps = plan.filter(
      (step) => !/^(MERGE|LEFT|RIGHT|MULTI-INDEX|INDEX \d|CO-ROUT)/.test(step),
    );
    const reads = steps.filter((step) => step !== "SCAN (subquery-1)");
    expect(reads.length, sql).toBeGreaterThan(0);
    for (const step of reads) {
      expect(step, sql).toMatch(/^SEARCH people-\d+ USING (COVERING )?INDEX /);
      expect(step, sql).toContain("(_organization=? AND _status=? AND _role=?");
      // It begins at the cursor, or else at the prefix.
      if (/,id\) [<>]/.test(sql)) expect(step, sql).toMatch(/\(_\w+,id\)[<>]\(\?,\?\)/);
      else if (sql.includes(">= ?")) expect(step, sql).toMatch(/_\w+>\? AND _\w+<\?\)/);
    }
  }
});
