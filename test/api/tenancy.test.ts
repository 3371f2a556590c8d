import { createPerson, openApp, setUp } from "@daybook/application";
import { organization } from "@daybook/domain";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Connection, command, connect, refusal } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { dataFolder, removeFolder, startServer, type TestServer } from "../support/server.ts";
import { make, PASSWORD, somebody } from "./people.ts";

type Tenant = {
  name: string;
  organization: string;
  admin: Connection;
  logId: string;
  /** A person of theirs, made by their administrator, with a mail and a history. */
  person: { id: string; username: string; email: string; position: number };
  mail: string;
};

let server: TestServer;
let acme: Tenant;
let globex: Tenant;

/** Two organizations in one folder, each with an administrator, before the server starts. */
async function twoOrganizations(data: string) {
  const app = await openApp({ data, key: undefined }, () => new Date());
  const first = await setUp(
    app,
    { code: "acme", name: "Acme" },
    { ...somebody("administrator"), username: "acme.admin", password: PASSWORD },
  );
  const home = v7();
  const actor = { kind: "system", id: "test" } as const;
  const envelope = () => ({ commandId: v7(), actor, organization: home });
  const data2 = { code: "globex", name: "Globex" };
  const create = { type: "CreateOrganization", data: data2 } as const;
  await app.execute(organization, home, create, envelope());
  const identity = { ...somebody("administrator"), username: "globex.admin" };
  await createPerson(app, { ...identity, password: PASSWORD }, envelope());
  await app.close();
  return { acme: first.organization, globex: home };
}

async function tenant(name: string, id: string): Promise<Tenant> {
  const admin = connect(server.url);
  const me = await admin.signIn(`${name}.admin`, PASSWORD);
  const logId = me?.logId ?? "";
  const person = await make(admin, { generated: true });
  admin.see(logId, person.position);
  const mail = await eventually(async () => {
    const { rows } = await admin.client.mail.list.query({});
    return rows.find(({ to, status }) => to === person.email && status === "sent")?.id;
  });
  return { name, organization: id, admin, logId, person, mail };
}

beforeAll(async () => {
  const data = await dataFolder();
  const ids = await twoOrganizations(data);
  server = await startServer({ DAYBOOK_DATA: data });
  acme = await tenant("acme", ids.acme);
  globex = await tenant("globex", ids.globex);
  // Each may read all of the other's past, if it may read anything of it.
  for (const one of [acme, globex]) one.admin.see(one.logId, globex.person.position);
});
afterAll(async () => {
  await server.end();
  await removeFolder(server.data);
});

// What belongs to another organization is not there: not refused, for that would say that it is.
describe.each([
  ["the first", () => ({ us: acme, them: globex })],
  ["the second", () => ({ us: globex, them: acme })],
] as const)("an administrator of %s organization", (_, both) => {
  test("sees the people of their own, and no others, in every order and search", async () => {
    const { us, them } = both();
    const { list } = us.admin.client.people;
    for (const sort of ["name", "created", "lastSignIn"] as const)
      for (const order of ["ascending", "descending"] as const) {
        const { rows, count } = await list.query({ sort, order, limit: 200 });
        for (const { organization } of rows) expect(organization).toBe(us.organization);
        expect(count).toBe(rows.length);
        expect(rows.map(({ id }) => id)).toContain(us.person.id);
      }
    for (const search of [them.person.username, them.person.email, `${them.name}.admin`])
      expect(await list.query({ search })).toEqual({ rows: [], count: 0 });
    const found = await list.query({ search: "p-", role: "member", status: "active" });
    expect(found.rows.map(({ id }) => id)).toContain(us.person.id);
    expect(found.rows.map(({ id }) => id)).not.toContain(them.person.id);
  });

  test("gets nothing by an id of the other's", async () => {
    const { us, them } = both();
    const { people, history, mail } = us.admin.client;
    const { id } = them.person;
    expect(await refusal(people.get.query({ id }))).toBe("user/unknown");
    expect(await history.list.query({ subject: id })).toEqual({ rows: [], names: {} });
    expect(await refusal(mail.get.query({ id: them.mail }))).toBe("mail/unknown");
    // As for an id that nobody has: the two cannot be told apart.
    const nobody = v7();
    expect(await refusal(people.get.query({ id: nobody }))).toBe("user/unknown");
    expect(await history.list.query({ subject: nobody })).toEqual({ rows: [], names: {} });
    expect(await refusal(mail.get.query({ id: "nothing" }))).toBe("mail/unknown");
  });

  test("sees no mail of the other's", async () => {
    const { us, them } = both();
    const { rows } = await us.admin.client.mail.list.query({ limit: 200 });
    expect(rows.map(({ id }) => id)).toContain(us.mail);
    expect(rows.map(({ organization }) => organization)).not.toContain(them.organization);
    expect((await us.admin.client.mail.get.query({ id: us.mail })).mail.id).toBe(us.mail);
    const found = await us.admin.client.mail.list.query({ search: them.person.email });
    expect(found).toEqual({ rows: [], count: 0 });
  });

  test("sends no mail of the other's again", async () => {
    const { us, them } = both();
    const again = (id: string) => us.admin.client.mail.sendAgain.mutate({ ...command({}), id });
    for (const id of [them.mail, "nothing"]) expect(await refusal(again(id))).toBe("mail/unknown");
    const { mail } = await them.admin.client.mail.get.query({ id: them.mail });
    expect(mail).toMatchObject({ status: "sent", repeats: 0 });
  });

  test("sees nothing that happened to the other's, nor what it led to", async () => {
    const { us, them } = both();
    const theirs = await them.admin.client.history.list.query({ limit: 200 });
    expect(theirs.rows.length).toBeGreaterThan(0);
    const { rows, names } = await us.admin.client.history.list.query({ limit: 200 });
    for (const { organization } of rows) expect(organization).toBe(us.organization);
    expect(rows.map(({ subject }) => subject)).toContain(us.person.id);
    expect(Object.keys(names)).not.toContain(them.person.id);
    for (const { id } of theirs.rows)
      expect(await refusal(us.admin.client.history.get.query({ id }))).toBe("history/unknown");
  });

  test("counts what is done in their own, and nothing of the other's", async () => {
    const { us, them } = both();
    const counted = async () => {
      const { people, signIns, mail } = await us.admin.client.home.overview.query({});
      return { people, failed: signIns?.reduce((sum, { failed }) => sum + failed, 0), mail };
    };
    // Whatever was on its way before is there when no mail waits any more.
    const before = await eventually(async () => {
      const found = await counted();
      return found.mail?.pending === 0 ? found : undefined;
    });
    const other = await make(them.admin);
    await refusal(connect(server.url).signIn(other.username, "a wrong guess"));
    us.admin.see(us.logId, other.position);
    const { client } = them.admin;
    us.admin.see(
      us.logId,
      (await client.people.deactivate.mutate({ ...command({}), id: other.id })).position,
    );
    expect(await counted()).toEqual(before);
    const own = await make(us.admin);
    us.admin.see(us.logId, own.position);
    const active = (before.people?.active ?? 0) + 1;
    expect((await counted()).people).toEqual({ ...before.people, active });
  });

  // A cursor is the client's to send: one of the other's list leads nowhere but into one's own.
  test("stays among their own with a cursor of the other's", async () => {
    const { us, them } = both();
    const page = await them.admin.client.people.list.query({ limit: 1 });
    const cursor = page.cursor ?? "";
    expect(cursor).not.toBe("");
    const next = await us.admin.client.people.list.query({ cursor, limit: 200 });
    for (const { organization } of next.rows) expect(organization).toBe(us.organization);
    const { cursor: stolen } = await them.admin.client.history.list.query({ limit: 1 });
    const past = await us.admin.client.history.list.query({ cursor: stolen, limit: 200 });
    for (const { organization } of past.rows) expect(organization).toBe(us.organization);
    const about = { subject: them.person.id, cursor: stolen };
    expect((await us.admin.client.history.list.query(about)).rows).toEqual([]);
  });

  test("commands nobody of the other's, who stays as they were", async () => {
    const { us, them } = both();
    const { people } = us.admin.client;
    const { id } = them.person;
    const before = await them.admin.client.people.get.query({ id });
    const past = await them.admin.client.history.list.query({ subject: id });
    const on = <D>(data: D) => ({ ...command(data), id });
    for (const call of [
      () => people.rename.mutate(on({ firstName: "Eve", lastName: "X" })),
      () => people.changePhone.mutate(on({ phone: "" })),
      () => people.changeEmail.mutate(on({ email: somebody().email })),
      () => people.changeRole.mutate(on({ role: "administrator" })),
      () => people.deactivate.mutate(on({})),
      () => people.reactivate.mutate(on({})),
      () => people.resetPassword.mutate(on({})),
      // The revision is right, and still tells nothing.
      () => people.resetPassword.mutate({ ...on({}), revision: before.userRevision }),
    ])
      expect(await refusal(call())).toBe("user/unknown");
    const after = await them.admin.client.people.get.query({ id });
    expect(after).toEqual(before);
    expect(await them.admin.client.history.list.query({ subject: id })).toEqual(past);
  });

  test("cannot make their own person out of a command id of the other's", async () => {
    const { us, them } = both();
    const request = command(somebody());
    const theirs = await them.admin.client.people.create.mutate(request);
    const ours = us.admin.client.people.create.mutate({ ...request, data: somebody() });
    expect(await refusal(ours)).toBe("command/id-reused");
    expect(await refusal(us.admin.client.people.get.query({ id: theirs.user }))).toBe(
      "user/unknown",
    );
  });

  test("is told of no change that the other makes", async () => {
    const { us, them } = both();
    const abort = new AbortController();
    const stream = await fetch(`${server.url}/live`, {
      headers: { cookie: us.admin.cookie() },
      signal: abort.signal,
    });
    const other = await make(them.admin);
    const own = await make(us.admin);
    let heard = "";
    for await (const chunk of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      heard += chunk;
      // One's own came later: by then the other's would have been told.
      if (heard.includes(own.id)) break;
    }
    abort.abort();
    expect(heard).not.toContain(other.id);
  });
});

// A name opens one account in the whole installation; it leads to its own organization, no other.
test("each administrator is in their own organization", async () => {
  for (const { admin, organization } of [acme, globex])
    expect((await admin.client.session.me.query())?.organization.id).toBe(organization);
});
