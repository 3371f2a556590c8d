import { httpBatchLink, httpLink } from "@trpc/client";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command, connect, personNamed } from "../support/client.ts";
import { removeFolder, startServer, type TestServer } from "../support/server.ts";
import { ask, clientOf, errorOf, inQuery, post } from "./calls.ts";

let server: TestServer;
let admin: ReturnType<typeof connect>;
let trpc: string;

beforeAll(async () => {
  server = await startServer();
  trpc = `${server.url}/trpc`;
  admin = connect(server.url);
  await admin.signIn("admin", server.password);
});
afterAll(async () => {
  await server.end();
  await removeFolder(server.data);
});

/** What the client learns: its own error code, the status, and the refusal. */
const told = ({ data }: { data?: unknown }) => {
  const { code, httpStatus, refusal } = data as Record<string, unknown> & {
    refusal?: { code: string };
  };
  return [code, httpStatus, refusal?.code];
};
const signedIn = (extra: Record<string, string> = {}) => ({ cookie: admin.cookie(), ...extra });

describe.each([
  ["a call alone", httpLink],
  ["calls in a batch", httpBatchLink],
] as const)("%s", (_, link) => {
  const one = () => clientOf(server, link, admin.cookie());

  test("answers queries and mutations", async () => {
    const { client, exchanges } = one();
    expect((await client.session.me.query())?.user.username).toBe("admin");
    const { user } = await client.people.create.mutate(command(personNamed(`new-${v7()}`)));
    expect((await client.people.get.query({ id: user })).id).toBe(user);
    expect(exchanges.map(({ method, status }) => [method, status])).toEqual([
      ["GET", 200],
      ["POST", 200],
      ["GET", 200],
    ]);
  });

  // The client says that a body is JSON also where it sends none.
  test("serves a mutation without an input", async () => {
    const { client } = clientOf(server, link);
    await expect(client.session.signOut.mutate()).resolves.toEqual({});
  });

  test("tells what is wrong with an input, by field", async () => {
    const data = { ...personNamed("ab"), email: "nobody" };
    const error = await errorOf(one().client.people.create.mutate(command(data)));
    expect(told(error)).toEqual(["BAD_REQUEST", 400, "input/invalid"]);
    const { issues } = error.data as unknown as { issues: { path: string; message: string }[] };
    expect(issues.map(({ path }) => path).sort()).toEqual(["data.email", "data.username"]);
    for (const { message } of issues) expect(message).not.toBe("");
  });

  test("tells who is not signed in, and who may not", async () => {
    const stranger = clientOf(server, link).client;
    expect(told(await errorOf(stranger.people.list.query({})))).toEqual([
      ...["UNAUTHORIZED", 401, "session/required"],
    ]);
    const auditor = connect(server.url);
    const person = { ...personNamed(`auditor-${v7()}`), role: "auditor" as const };
    const password = "a quiet reader of books";
    await admin.client.people.create.mutate(command({ ...person, password }));
    await auditor.signIn(person.username, password);
    const { client } = clientOf(server, link, auditor.cookie());
    const denied = await errorOf(client.people.create.mutate(command(personNamed("x-x"))));
    expect(told(denied)).toEqual(["FORBIDDEN", 403, "session/forbidden"]);
  });

  test("tells what is not there, what is taken and what has changed", async () => {
    const { client } = one();
    const unknown = await errorOf(client.people.get.query({ id: v7() }));
    expect(told(unknown)).toEqual(["NOT_FOUND", 404, "user/unknown"]);
    const person = personNamed(`twice-${v7()}`);
    const { user } = await client.people.create.mutate(command(person));
    const taken = await errorOf(client.people.create.mutate(command(person)));
    expect(told(taken)).toEqual(["CONFLICT", 409, "user/email-taken"]);
    const names = command({ firstName: "Ada", lastName: "King" });
    const stale = await errorOf(client.people.rename.mutate({ ...names, id: user, revision: 0 }));
    expect(told(stale)).toEqual(["CONFLICT", 409, "revision/changed"]);
  });

  test("refuses procedures that are not there, and queries called as mutations", async () => {
    // biome-ignore lint/suspicious/noExplicitAny: the compiler would not let it be called.
    const client = one().client as any;
    for (const call of [
      () => client.people.shred.query({}),
      () => client.valueOf.query(),
      () => client.constructor.mutate({}),
      () => client.people.list._def.query({}),
    ])
      expect(told(await errorOf(call())).slice(0, 2)).toEqual(["NOT_FOUND", 404]);
    for (const call of [() => client.people.list.mutate({}), () => client.session.signOut.query()])
      expect(told(await errorOf(call())).slice(0, 2)).toEqual([...["METHOD_NOT_SUPPORTED", 405]]);
    expect(await client.session.me.query()).not.toBeNull();
  });

  test("refuses fields that a procedure does not know, wherever they stand", async () => {
    // biome-ignore lint/suspicious/noExplicitAny: the compiler would not let them be sent.
    const client = one().client as any;
    const person = personNamed(`extra-${v7()}`);
    const actor = { kind: "system", id: "setup" };
    const credentials = { name: "admin", password: server.password };
    for (const call of [
      () => client.people.create.mutate(command({ ...person, organization: v7() })),
      () => client.people.create.mutate({ ...command(person), actor }),
      () => client.people.list.query({ organization: v7() }),
      () => client.session.signIn.mutate({ ...credentials, admin: true }),
    ])
      expect(told(await errorOf(call()))).toEqual(["BAD_REQUEST", 400, "input/invalid"]);
  });

  test("rejects a call that was aborted, and the server goes on", async () => {
    const { client } = one();
    const abort = new AbortController();
    const call = client.people.list.query({}, { signal: abort.signal });
    abort.abort();
    expect((await errorOf(call)).message).toMatch(/abort/i);
    const late = new AbortController();
    const reset = client.session.requestPasswordReset.mutate(
      ...[command({ email: "nobody@test.example" }), { signal: late.signal }],
    );
    setTimeout(() => late.abort(), 50);
    expect((await errorOf(reset)).message).toMatch(/abort/i);
    expect(await client.session.me.query()).not.toBeNull();
  });

  test("rejects a body that is too large as an error of its own", async () => {
    const data = { ...personNamed("large"), firstName: "x".repeat(300_000) };
    const error = await errorOf(one().client.people.create.mutate(command(data)));
    expect(told(error).slice(0, 2)).toEqual(["PAYLOAD_TOO_LARGE", 413]);
  });

  test("keeps what is outside of ASCII as it was typed", async () => {
    const { client } = one();
    for (const search of ["Ærøskøbing", "日本語", "👩‍🔬", "a&b=c#d%20+", "\u202eevil"])
      expect((await client.people.list.query({ search })).rows).toEqual([]);
    const person = { ...personNamed(`uni-${v7()}`), firstName: "👩‍🚀 Zoë", lastName: "Ångström" };
    const { user, position } = await client.people.create.mutate(command(person));
    admin.see((await client.session.me.query())?.logId ?? "", position);
    expect(await admin.client.people.get.query({ id: user })).toMatchObject({
      firstName: "👩‍🚀 Zoë",
      lastName: "Ångström",
    });
    const found = await admin.client.people.list.query({ search: "ångström 👩‍🚀" });
    expect(found.rows.map(({ id }) => id)).toContain(user);
  });
});

describe("a batch", () => {
  // Each call stands for itself: one that fails takes no other with it, nor its place.
  test("gives each call its own outcome", async () => {
    const { client, exchanges } = clientOf(server, httpBatchLink, admin.cookie());
    const outcomes = await Promise.allSettled([
      client.session.me.query(),
      client.people.get.query({ id: v7() }),
      client.people.list.query({ limit: 3 }),
      client.people.list.query({ limit: 0 }),
      client.people.list.query({ limit: 2 }),
    ]);
    expect(exchanges).toHaveLength(1);
    expect(exchanges[0]).toMatchObject({ method: "GET", status: 207 });
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled"],
    ]);
    const rows = outcomes.map((one) =>
      one.status === "fulfilled" && one.value && "rows" in one.value ? one.value.rows.length : -1,
    );
    expect(rows).toEqual([-1, -1, 3, -1, 2]);
  });

  test("of one kind of failure has its status", async () => {
    const { client, exchanges } = clientOf(server, httpBatchLink);
    await Promise.allSettled([client.people.list.query({}), client.mail.list.query({})]);
    expect(exchanges).toMatchObject([{ status: 401 }]);
  });

  test("of more calls than are served is refused as a whole, without doing any", async () => {
    const { client, exchanges } = clientOf(server, httpBatchLink, admin.cookie());
    const people = Array.from({ length: 21 }, (_, at) => personNamed(`many-${at}-${v7()}`));
    const outcomes = await Promise.allSettled(
      people.map((person) => client.people.create.mutate(command(person))),
    );
    expect(exchanges).toMatchObject([{ status: 400 }]);
    expect(outcomes.map(({ status }) => status)).toEqual(people.map(() => "rejected"));
    const found = await admin.client.people.list.query({ search: "many-" });
    expect(found.rows).toEqual([]);
  });

  test("does each of its mutations once, also beside one that is refused", async () => {
    const { client } = clientOf(server, httpBatchLink, admin.cookie());
    const person = personNamed(`batch-${v7()}`);
    const outcomes = await Promise.allSettled([
      client.people.create.mutate(command(person)),
      client.people.create.mutate(command({ ...person, username: "no" })),
      client.people.create.mutate(command(person)),
    ]);
    const done = outcomes.filter(({ status }) => status === "fulfilled");
    expect(done).toHaveLength(1);
    expect(outcomes[1]?.status).toBe("rejected");
  });

  test("may name a procedure twice, and leave an input out", async () => {
    const path = `${trpc}/people.list,people.list,session.me?batch=1&${inQuery({ 1: { limit: 1 } })}`;
    const { status, json } = await ask(path, { headers: signedIn() });
    expect(status).toBe(207);
    expect(json).toHaveLength(3);
    expect(json[0].error.data.refusal.code).toBe("input/invalid");
    expect(json[1].result.data.rows).toHaveLength(1);
    expect(json[2].result.data.user.username).toBe("admin");
  });

  // An array or a text has places too: read as inputs, they would be a second, unchecked format.
  test.each([["[{}]"], ['"ab"'], ["5"], ["true"]])(
    "with %s for inputs is refused",
    async (body) => {
      const written = await ask(`${trpc}/session.signOut?batch=1`, post(body, signedIn()));
      expect(written.status).toBe(400);
      const read = await ask(`${trpc}/session.me?batch=1&input=${encodeURIComponent(body)}`);
      expect(read.status).toBe(400);
      expect((await ask(`${trpc}/session.me?batch=1&input=null`)).status).toBe(200);
    },
  );
});

describe("a request that no client sends", () => {
  test.each([
    ["cut off", '{"name":'],
    ["not JSON", "name=admin"],
    ["in a second encoding", Buffer.from('{"name":"admin"}', "utf16le")],
    ["that sets a prototype", '{"__proto__":{"name":"admin"}}'],
    ["that sets a constructor's prototype", '{"constructor":{"prototype":{"name":"admin"}}}'],
    ["nested very deep", "[".repeat(100_000)],
  ])("with a body %s is answered 400, in the client's format", async (_, body) => {
    const { status, json } = await ask(`${trpc}/session.signIn`, post(body));
    expect(status).toBe(400);
    expect(json.error.data).toMatchObject({ code: "PARSE_ERROR", httpStatus: 400 });
    expect(json.error.data).not.toHaveProperty("stack");
  });

  // What another site can send without asking first never reaches a procedure (ASVS 3.5.2).
  test.each([
    ["text/plain"],
    ["application/x-www-form-urlencoded"],
    ["multipart/form-data; boundary=x"],
    ["application/octet-stream"],
    ["application/jsonp"],
    [""],
  ])("of the content type '%s' is answered 415", async (type) => {
    const before = await admin.client.session.me.query();
    const headers: Record<string, string> = type ? { "content-type": type } : {};
    // A body of bytes has no type of its own; text would be given one.
    const body = Buffer.from(JSON.stringify(command(personNamed("typed"))));
    for (const path of ["people.create", "session.signOut", "session.signOut?batch=1"]) {
      const answer = await ask(`${trpc}/${path}`, {
        ...{ method: "POST", headers: signedIn(headers) },
        ...(path === "people.create" && { body }),
      });
      expect([path, answer.status]).toEqual([path, 415]);
    }
    expect(await admin.client.session.me.query()).toEqual(before);
  });

  test("with an input that is not JSON is answered 400", async () => {
    for (const input of ["{", "%E0%A4%A", "undefined", "1&input=2", '{"a":1'])
      expect((await ask(`${trpc}/people.list?input=${input}`)).status).toBe(400);
  });

  test("with nothing where an input is needed is answered by the input's own check", async () => {
    for (const query of ["", "?input=", "?input=null", "?input=[]", '?input="x"']) {
      const { status, json } = await ask(`${trpc}/people.list${query}`, { headers: signedIn() });
      expect([query, status]).toEqual([query, 400]);
      expect(json.error.data.refusal.code).toBe("input/invalid");
    }
    const empty = await ask(`${trpc}/people.create`, post("", signedIn()));
    expect(empty.status).toBe(400);
    expect(empty.json.error.data.refusal.code).toBe("input/invalid");
  });

  test.each([
    ["session/me"],
    ["..%2f..%2fhealth%2flive"],
    ["..%5c..%5cetc%5cpasswd"],
    ["people.list.constructor"],
    ["toString"],
    ["people"],
    ["_def.procedures"],
    ["session.me%00"],
    ["x".repeat(3000)],
    [""],
  ])("for a procedure named '%s' finds nothing", async (path) => {
    const { status, text } = await ask(`${trpc}/${path}`, { headers: signedIn() });
    expect(status).toBe(404);
    expect(text).not.toContain("admin@");
  });

  // Keys that JavaScript treats specially arrive in a query too, where no body parser looks.
  test("with keys of objects' own is refused, and changes no other request", async () => {
    for (const input of [
      '{"__proto__":{"limit":1}}',
      '{"limit":1,"__proto__":{"admin":true}}',
      '{"constructor":{"prototype":{"limit":1}}}',
    ]) {
      const path = `${trpc}/people.list?input=${encodeURIComponent(input)}`;
      const { status, json } = await ask(path, { headers: signedIn() });
      expect([input, status]).toEqual([input, 400]);
      expect(json.error.data.code).toBe("PARSE_ERROR");
      const batched = encodeURIComponent(`{"__proto__":{"0":{"limit":1}}}`);
      const batch = await ask(`${trpc}/people.list?batch=1&input=${batched}`, {
        headers: signedIn(),
      });
      expect(batch.status).toBe(400);
    }
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
    expect((await admin.client.people.list.query({})).rows.length).toBeGreaterThan(1);
  });

  test("with control characters in a name is refused", async () => {
    for (const firstName of ["a\u0000b", "a\nb", "\u0007", "x".repeat(101)]) {
      const call = admin.client.people.create.mutate(
        command({ ...personNamed(`ctl-${v7()}`), firstName }),
      );
      expect(told(await errorOf(call))[2]).toBe("input/invalid");
    }
  });

  // Half a surrogate pair is text to JSON and to JavaScript, but not to a database: what is
  // stored, ordered and searched must still come back, on every page.
  test("with half a character in a name stores nothing that later cannot be read", async () => {
    const tag = v7().slice(-8);
    const made: string[] = [];
    for (const lastName of ["\ud800", "a\udfff", "\ud83d", "plain"]) {
      const person = { ...personNamed(`half-${tag}-${made.length}`), lastName };
      const { user, position } = await admin.client.people.create.mutate(command(person));
      admin.see((await admin.client.session.me.query())?.logId ?? "", position);
      made.push(user);
    }
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const page: { rows: { id: string }[]; cursor?: string | undefined } =
        await admin.client.people.list.query({ search: `half-${tag}`, limit: 1, cursor });
      listed.push(...page.rows.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor && listed.length < 20);
    expect(listed.toSorted()).toEqual(made.toSorted());
    await admin.client.people.list.query({ search: "\ud800" });
  });

  test("is not told what went wrong inside", async () => {
    const { text } = await ask(`${trpc}/people.list?input={`, { headers: signedIn() });
    expect(text).not.toMatch(/node_modules|\.ts:|at .*\(/);
  });
});
