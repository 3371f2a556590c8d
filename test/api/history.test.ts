import type { HistoryKind, TimelineEntry } from "@daybook/projections";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Connection, command, connect, refusal } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { removeFolder, startServer, type TestServer } from "../support/server.ts";
import { browserOf, type Made, make } from "./people.ts";

let server: TestServer;
let admin: Connection;
let client: Connection["client"];
let logId: string;

beforeAll(async () => {
  server = await startServer();
  admin = connect(server.url);
  logId = (await admin.signIn("admin", server.password))?.logId ?? "";
  client = admin.client;
});
afterAll(async () => {
  await server.end();
  await removeFolder(server.data);
});

/** From now on the administrator reads nothing older than this. */
const see = ({ position }: { position: number }) => admin.see(logId, position);
const on = <D>({ id }: Pick<Made, "id">, data: D) => ({ ...command(data), id });
const rename = async (person: Pick<Made, "id">, firstName: string) =>
  see(await client.people.rename.mutate(on(person, { firstName, lastName: "Tester" })));

type ListInput = Parameters<Connection["client"]["history"]["list"]["query"]>[0];

/** All entries, page by page; `between` is done after each page. */
async function everyPage(input: ListInput, between = async () => {}): Promise<TimelineEntry[]> {
  const rows: TimelineEntry[] = [];
  let cursor: string | undefined;
  do {
    const page: { rows: TimelineEntry[]; cursor?: string | undefined } =
      await client.history.list.query({ ...input, cursor });
    rows.push(...page.rows);
    cursor = page.cursor;
    await between();
  } while (cursor);
  return rows;
}

const idsOf = (rows: readonly TimelineEntry[]) => rows.map(({ id }) => id);

/** The newest entry of a type about a person, once it is there. */
const entryOf = ({ id: subject }: Pick<Made, "id">, type: string) =>
  eventually(async () => {
    const { rows } = await client.history.list.query({ subject, limit: 200 });
    return rows.find((entry) => entry.type === type);
  });

describe("the history", () => {
  test("of the organization is that of all its people, newest first", async () => {
    const [one, two] = [await make(admin), await make(admin)];
    await rename(one, "Una");
    await rename(two, "Dora");
    const { rows, names } = await client.history.list.query({ kinds: ["account"], limit: 4 });
    expect(rows.map(({ subject, type }) => [subject, type])).toEqual([
      [two.id, "UserRenamed"],
      [one.id, "UserRenamed"],
      [two.id, "UserCreated"],
      [one.id, "UserCreated"],
    ]);
    const change = (to: string) => [{ field: "firstName", from: "Sam", to }];
    expect(rows.slice(0, 2).map(({ changes }) => changes)).toEqual([change("Dora"), change("Una")]);
    // The names of whom it is about, and of who did it.
    const me = await client.session.me.query();
    expect(names[one.id]).toEqual({ firstName: "Una", lastName: "Tester" });
    expect(names[two.id]).toEqual({ firstName: "Dora", lastName: "Tester" });
    expect(names[me?.user.id ?? ""]).toMatchObject({ firstName: me?.user.firstName });
  });

  test("is filtered by person and by kind", async () => {
    const made = await make(admin, { generated: true });
    await refusal(connect(server.url).signIn(made.username, "a wrong guess"));
    await entryOf(made, "MailSent");
    const typesOf = async (...kinds: HistoryKind[]) => {
      const { rows } = await client.history.list.query({ subject: made.id, kinds });
      for (const { subject, kind } of rows) {
        expect(subject).toBe(made.id);
        expect(kinds).toContain(kind);
      }
      return rows.map(({ type }) => type);
    };
    expect(await typesOf("account")).toEqual(["UserCreated"]);
    expect(await typesOf("password")).toEqual(["PasswordAssigned"]);
    expect(await typesOf("access")).toEqual(["MemberAdded"]);
    expect(await typesOf("sign-in")).toEqual(["SignInFailed"]);
    expect(await typesOf("mail")).toEqual(["MailSent", "MailRequested"]);
    expect(await typesOf("access", "account")).toEqual(["MemberAdded", "UserCreated"]);
    const all = await client.history.list.query({ subject: made.id });
    expect(all.rows).toHaveLength(6);
    for (const kinds of [[], ["people"], Array(6).fill("mail")])
      expect(await refusal(client.history.list.query({ kinds: kinds as HistoryKind[] }))).toBe(
        "input/invalid",
      );
  });

  // What comes while somebody reads is newer than all they go on to read.
  test("is read once from any page on, while it grows", async () => {
    const made = await make(admin);
    await rename(made, "Una");
    for (const input of [{}, { kinds: ["account", "access"] as HistoryKind[] }]) {
      const before = idsOf(await everyPage({ ...input, limit: 200 }));
      let n = 0;
      const rows = await everyPage({ ...input, limit: 7 }, () => rename(made, `Una ${n++}`));
      expect(n).toBeGreaterThan(3);
      // The mails that were on their way before are entries of their own.
      const read = idsOf(rows).filter((id) => before.includes(id));
      expect(read).toEqual(before);
      expect(new Set(idsOf(rows)).size).toBe(rows.length);
    }
  });

  test("tells what a field was before from further back for one person than for all", async () => {
    const made = await make(admin);
    for (let n = 0; n < 25; n++)
      see(await client.people.changePhone.mutate(on(made, { phone: `+1 202 555 01${n + 10}` })));
    await rename(made, "Una");
    const last = { kinds: ["account" as const], limit: 1 };
    const [ofAll] = (await client.history.list.query(last)).rows;
    const [ofOne] = (await client.history.list.query({ ...last, subject: made.id })).rows;
    expect(ofAll?.id).toBe(ofOne?.id);
    expect(ofAll?.changes).toContainEqual({ field: "firstName", to: "Una" });
    expect(ofOne?.changes).toEqual([{ field: "firstName", from: "Sam", to: "Una" }]);
  });

  test("holds no secret, and of a mail only which it was and to whom", async () => {
    const made = await make(admin, { generated: true });
    await entryOf(made, "MailSent");
    const text = JSON.stringify(await client.history.list.query({ subject: made.id, limit: 200 }));
    expect(text).toContain(made.email);
    for (const secret of [made.password, "$argon2", "credential", "properties", "secret"])
      expect([secret, text.includes(secret)]).toEqual([secret, false]);
  });
});

describe("an entry", () => {
  test("leads to what caused it, and to what it caused", async () => {
    const made = await make(admin);
    await entryOf(made, "MailSent");
    see(await client.people.resetPassword.mutate(on(made, {})));
    const reset = await entryOf(made, "PasswordReset");
    const requested = await eventually(
      async () => (await client.history.get.query({ id: reset.id })).effects[0],
    );
    expect(requested).toMatchObject({
      ...{ type: "MailRequested", kind: "mail", subject: made.id, causedBy: reset.id },
      actor: { kind: "system", id: "account-mail" },
      changes: [
        { field: "template", to: "password-reset" },
        { field: "to", to: made.email },
      ],
    });
    const sent = await eventually(
      async () => (await client.history.get.query({ id: requested.id })).effects[0],
    );
    expect(sent).toMatchObject({ type: "MailSent", kind: "mail", causedBy: requested.id });

    const { entry, cause, effects, names } = await client.history.get.query({ id: requested.id });
    expect([entry, cause, effects]).toEqual([requested, reset, [sent]]);
    expect(names[made.id]).toEqual({ firstName: "Sam", lastName: "Tester" });
    expect(await client.history.get.query({ id: sent.id })).toMatchObject({
      ...{ entry: sent, cause: requested, effects: [] },
    });
    // From the stream a page finds the mail itself.
    const mail = requested.stream.replace("mail-", "");
    expect((await client.mail.get.query({ id: mail })).mail).toMatchObject({ to: made.email });
  });

  test("says what it changed, however much happened since", async () => {
    const made = await make(admin);
    await rename(made, "Una");
    const { id } = await entryOf(made, "UserRenamed");
    await rename(made, "Dora");
    const { entry, cause, effects } = await client.history.get.query({ id });
    expect(entry.changes).toEqual([{ field: "firstName", from: "Sam", to: "Una" }]);
    expect([cause, effects]).toEqual([null, []]);
  });

  // The place in the organization is a further step of the request that made the person.
  test("that a request led to besides another was caused by no event", async () => {
    const made = await make(admin);
    const { id, causedBy } = await entryOf(made, "MemberAdded");
    expect(causedBy).toBeUndefined();
    expect((await client.history.get.query({ id })).cause).toBeNull();
  });

  test("that is not there is refused as unknown", async () => {
    expect(await refusal(client.history.get.query({ id: v7() }))).toBe("history/unknown");
  });
});

test("a history is for those who may read it", async () => {
  const made = await make(admin);
  const { id } = await entryOf(made, "UserCreated");
  const reads = ({ client: { history } }: Connection) => [
    () => history.list.query({}),
    () => history.list.query({ subject: made.id }),
    () => history.get.query({ id }),
  ];
  const auditor = await browserOf(server, await make(admin, { role: "auditor" }));
  for (const read of reads(auditor)) await expect(read()).resolves.toBeDefined();
  for (const read of reads(await browserOf(server, made)))
    expect(await refusal(read())).toBe("session/forbidden");
  for (const read of reads(connect(server.url)))
    expect(await refusal(read())).toBe("session/required");
});
