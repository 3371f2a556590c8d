import type { AppRouter } from "@daybook/api";
import type { inferRouterInputs } from "@trpc/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Connection, command, connect, personNamed } from "../support/client.ts";
import { crowd } from "../support/crowd.ts";
import { removeFolder, startServer, type TestServer } from "../support/server.ts";
import { browserOf, make } from "./people.ts";

let server: TestServer;
let admin: Connection;

beforeAll(async () => {
  server = await startServer();
  admin = connect(server.url);
  await admin.signIn("admin", server.password);
});
afterAll(async () => {
  await server.end();
  await removeFolder(server.data);
});

const made = async (name: string, more = {}) => {
  const data = { ...personNamed(name), firstName: "Sam", lastName: name, ...more };
  const { user, position } = await admin.client.people.create.mutate(command(data));
  const me = await admin.client.session.me.query();
  admin.see(me?.logId ?? "", position);
  return user;
};

describe("what lies between two cursors", () => {
  type Asked = inferRouterInputs<AppRouter>["people"]["list"];
  const list = (input: Asked) => admin.client.people.list.query(input);
  const namesOf = ({ rows }: Awaited<ReturnType<typeof list>>) =>
    rows.map(({ lastName }) => String(lastName));

  // Else a page that is read again would push rows out that no other page holds.
  test.each([
    ["in order", {}],
    ["searched", { search: "walk" }],
  ])("stays one page while people are added and go, %s", async (how, asked) => {
    const tag = how.replace(" ", "");
    for (const letter of ["b", "d", "f", "h"]) await made(`walk.${tag}.${letter}`);
    const whole = namesOf(await list({ ...asked, limit: 200 })).filter((name) =>
      name.startsWith(`walk.${tag}`),
    );
    expect(whole).toHaveLength(4);
    const [first] = whole;
    const before = await list({ ...asked, limit: 200 });
    const at = namesOf(before).indexOf(first as string);
    const start = await list({ ...asked, limit: at + 1 });
    const cursor = start.cursor as string;
    const page = await list({ ...asked, cursor, limit: 2 });
    expect(namesOf(page)).toEqual([`walk.${tag}.d`, `walk.${tag}.f`]);

    await made(`walk.${tag}.e`);
    const until = page.cursor as string;
    const again = await list({ ...asked, cursor, until, limit: 50 });
    expect([namesOf(again), again.cursor]).toEqual([
      [`walk.${tag}.d`, `walk.${tag}.e`, `walk.${tag}.f`],
      undefined,
    ]);
    // More than a page holds: the rest begins at the cursor, and ends where it did.
    const part = await list({ ...asked, cursor, until, limit: 2 });
    expect(namesOf(part)).toEqual([`walk.${tag}.d`, `walk.${tag}.e`]);
    const rest = await list({ ...asked, cursor: part.cursor as string, until, limit: 50 });
    expect([namesOf(rest), rest.cursor]).toEqual([[`walk.${tag}.f`], undefined]);
  });
});

describe("a list as a file", () => {
  const file = (path: string, by = admin, { url } = server) =>
    fetch(`${url}/export/${path}`, { headers: { cookie: by.cookie() } });
  const linesOf = async (path: string, ...from: [Connection?, TestServer?]) => {
    const response = await file(path, ...from);
    expect(response.status).toBe(200);
    return (await response.text()).replace("\ufeff", "").trimEnd().split("\r\n");
  };

  test("holds all that the filters match, over any number of pages", async () => {
    const first = await startServer();
    await first.end();
    const everybody = await crowd(first.data, 1200);
    const large = await startServer({ DAYBOOK_DATA: first.data });
    try {
      const reader = connect(large.url);
      await reader.signIn("admin", first.password);
      const [headings, ...lines] = await linesOf("people.csv", reader, large);
      expect(headings).toContain("Id,First name,Last name,Username,E-mail address");
      expect(lines.map((line) => line.split(",")[0])).toEqual(everybody.map(({ id }) => id));
      const inactive = everybody.filter(({ status }) => status === "inactive");
      expect(await linesOf("people.csv?status=inactive", reader, large)).toHaveLength(
        1 + inactive.length,
      );
      expect(await linesOf("people.csv?search=nobody", reader, large)).toHaveLength(1);
    } finally {
      await large.end();
      await removeFolder(first.data);
    }
  });

  // Programs for tables run what begins so (CWE-1236).
  test("runs nothing where it is opened", async () => {
    const lastName = `=HYPERLINK("https://evil.example","1,2")`;
    await made("formula", { lastName, phone: "+1 202 555 0100" });
    const [, line] = await linesOf(`people.csv?search=formula`);
    expect(line).toContain(`"'=HYPERLINK(""https://evil.example"",""1,2"")"`);
    expect(line).toContain("'+1 202 555 0100");
  });

  test("is for those who may see the list, and refuses what it does not know", async () => {
    const member = await browserOf(server, await make(admin));
    const codeOf = async (response: Response) => {
      const { error } = (await response.json()) as { error: { data: { refusal: object } } };
      return [response.status, error.data.refusal];
    };
    const code = (of: string) => expect.objectContaining({ code: of });
    expect(await codeOf(await fetch(`${server.url}/export/people.csv`))).toEqual([
      401,
      code("session/required"),
    ]);
    expect(await codeOf(await file("people.csv", member))).toEqual([
      403,
      code("session/forbidden"),
    ]);
    expect(await codeOf(await file("secrets.csv"))).toEqual([404, code("list/unknown")]);
    for (const asked of ["role=king", "limit=9999", "since=1", "cursor=%00"])
      expect(await codeOf(await file(`people.csv?${asked}`))).toEqual([
        400,
        code(expect.any(String)),
      ]);
  });
});
