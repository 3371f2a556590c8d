import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Connection, command, connect } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { removeFolder, startServer, type TestServer } from "../support/server.ts";
import { type Answer, ask, post } from "./calls.ts";
import { listen } from "./live-reader.ts";
import { ANOTHER, browserOf, mailsTo, make, PASSWORD, resetToken, somebody } from "./people.ts";

let server: TestServer;
let admin: Connection;
let client: Connection["client"];

beforeAll(async () => {
  server = await startServer();
  admin = connect(server.url);
  await admin.signIn("admin", server.password);
  client = admin.client;
});
afterAll(async () => {
  await server.end();
  await removeFolder(server.data);
});

type Raw = { status: number; headers: Record<string, string | string[] | undefined>; text: string };

/** A request with whatever headers and path: `fetch` would not send them. */
const raw = (
  to: { url: string },
  { path = "/", method = "GET", headers = {}, body = "" }: Record<string, unknown> = {},
): Promise<Raw> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(to.url);
    const options = { hostname, port, path, method, headers } as Parameters<typeof request>[1];
    const sent = request({ ...options }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      const { statusCode: status = 0, headers: answered } = response;
      response.on("end", () => resolve({ status, headers: answered, text }));
    });
    sent.on("error", reject);
    sent.end(body as string);
  });

const signInBody = (name: string, password: string) => JSON.stringify({ name, password });

describe("every answer has the headers that keep a browser from being misled", () => {
  test.each([
    ["/"],
    ["/people"],
    ["/icon.svg"],
    ["/nothing.js"],
    ["/trpc/session.me"],
    ["/trpc/session.me?input={"],
    ["/trpc/people.list"],
    ["/trpc/nothing"],
    ["/trpc"],
    ["/live"],
    ["/health/live"],
    ["/health/ready"],
    ["/health/nothing"],
    ["/%"],
    ["/trpc/%E0%A4%A"],
    ["/%2e%2e/%2e%2e/etc/passwd"],
    ["//example.test/"],
  ])("%s", async (path) => {
    const { headers } = await raw(server, { path });
    const policy = String(headers["content-security-policy"]);
    for (const rule of [
      "default-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ])
      expect(policy).toContain(rule);
    // Scripts come from our own files only, never from a page's text.
    expect(policy).not.toMatch(/script-src|default-src[^;]*unsafe/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["referrer-policy"]).toBe("no-referrer");
    expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
    expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
    // Nothing tells what runs here, and nobody else's pages may read it.
    expect(headers["x-powered-by"]).toBeUndefined();
    expect(headers["access-control-allow-origin"]).toBeUndefined();
    // A browser must not be told to insist on TLS where there is none.
    expect(headers["strict-transport-security"]).toBeUndefined();
  });

  test.each([
    ["/trpc/session.me", {}],
    ["/trpc/people.list?input=%7B%7D", {}],
    ["/trpc/nothing", {}],
    ["/trpc/session.signIn", { method: "POST", headers: { "content-type": "application/json" } }],
    ["/trpc/session.signIn", { method: "POST", headers: { origin: "https://evil.test" } }],
    ["/live", {}],
  ])("%s is kept by no cache", async (path, options) => {
    const { headers } = await raw(server, { path, ...options });
    expect(headers["cache-control"]).toBe("no-store");
  });

  test("nothing is served that is no file of the web app", async () => {
    for (const path of [
      "/../package.json",
      "/..%2f..%2fpackage.json",
      "/assets/..%2f..%2f..%2fpackage.json",
      "/assets/../../src/main.ts",
      "/%2e%2e%2fserver.key",
      "/.env",
      "/assets/",
    ]) {
      const { status, text } = await raw(server, { path });
      expect([path, text.includes('"name"')]).toEqual([path, false]);
      expect([200, 400, 403, 404]).toContain(status);
      if (status === 200) expect(text).toContain("<!doctype html>");
    }
  });
});

// A browser sends the cookie along with what another site makes it send.
describe("a request that another site makes a browser send", () => {
  const forged: [string, Record<string, string>][] = [
    ["a foreign Origin", { origin: "https://evil.test" }],
    ["an Origin of null", { origin: "null" }],
    ["another port's Origin", { origin: "http://127.0.0.1:1" }],
    ["an Origin that begins with ours", { origin: "http://127.0.0.1.evil.test" }],
    ["an Origin that is no address", { origin: "evil" }],
    ["Sec-Fetch-Site: cross-site", { "sec-fetch-site": "cross-site" }],
    ["Sec-Fetch-Site: same-site", { "sec-fetch-site": "same-site" }],
    ["an odd Sec-Fetch-Site", { "sec-fetch-site": "Same-Origin, none" }],
  ];

  test.each(forged)("with %s is refused, and changes nothing", async (_, headers) => {
    const person = somebody();
    const call = post(JSON.stringify(command(person)), { ...headers, cookie: admin.cookie() });
    const { status } = await ask(`${server.url}/trpc/people.create`, call);
    expect(status).toBe(403);
    const out = post("{}", { ...headers, cookie: admin.cookie() });
    expect((await ask(`${server.url}/trpc/session.signOut?batch=1`, out)).status).toBe(403);
    expect(await client.session.me.query()).not.toBeNull();
    expect((await client.people.list.query({ search: person.username })).rows).toEqual([]);
  });

  // To sign a victim in to an account of the attacker's is an attack too.
  test.each(forged)("with %s does not sign in either", async (_, headers) => {
    const call = post(signInBody("admin", server.password), headers);
    const { status, headers: answered } = await ask(`${server.url}/trpc/session.signIn`, call);
    expect([status, answered.getSetCookie()]).toEqual([403, []]);
  });

  test("changes nothing by GET, alone or in a batch", async () => {
    const person = somebody();
    const input = encodeURIComponent(JSON.stringify(command(person)));
    const inputs = encodeURIComponent(JSON.stringify({ 0: command(person) }));
    for (const path of [
      `people.create?input=${input}`,
      `people.create?batch=1&input=${inputs}`,
      "session.signOut",
      "session.me,session.signOut?batch=1",
    ]) {
      const headers = { cookie: admin.cookie() };
      const { status } = await ask(`${server.url}/trpc/${path}`, { headers });
      expect([405, 207]).toContain(status);
    }
    expect(await client.session.me.query()).not.toBeNull();
    expect((await client.people.list.query({ search: person.username })).rows).toEqual([]);
  });

  test("is told from one of our own pages", async () => {
    const own = { origin: server.url, "sec-fetch-site": "same-origin" };
    const call = post(signInBody("admin", server.password), own);
    expect((await ask(`${server.url}/trpc/session.signIn`, call)).status).toBe(200);
  });

  // The names of a method do not matter to whoever forges: only GET and HEAD are let through.
  test.each(["PUT", "DELETE", "PATCH", "OPTIONS"])("by %s does nothing", async (method) => {
    for (const path of ["/trpc/session.signOut", "/", "/live"]) {
      const { status } = await raw(server, { path, method, headers: { cookie: admin.cookie() } });
      expect([404, 405]).toContain(status);
    }
    expect(await client.session.me.query()).not.toBeNull();
  });
});

// A site may point its own name at this machine, and would then be of the same origin (DNS
// rebinding): a server for this machine answers to this machine's names only.
describe("the name that a request asks for", () => {
  const asked = (host: string, path = "/trpc/session.me") =>
    raw(server, { path, headers: { host } }).then(({ status }) => status);

  test.each([
    ["evil.test"],
    ["evil.test:80"],
    ["127.0.0.1.evil.test"],
    ["localhost.evil.test"],
    ["127.0.0.1@evil.test"],
    ["0.0.0.0"],
    ["192.168.0.1"],
    ["[::ffff:8.8.8.8]"],
  ])("'%s' is refused, pages and health too", async (host) => {
    for (const path of ["/trpc/session.me", "/", "/live", "/health/ready"])
      expect([path, [400, 403].includes(await asked(host, path))]).toEqual([path, true]);
  });

  test.each([["localhost"], ["localhost:4000"], ["127.0.0.1"], ["[::1]:4000"]])(
    "'%s' is answered",
    async (host) => expect(await asked(host)).toBe(200),
  );

  test("is not taken from where only a proxy may put it", async () => {
    const headers = { host: "evil.test", "x-forwarded-host": "localhost" };
    expect((await raw(server, { headers })).status).toBe(403);
  });
});

describe("the cookie", () => {
  const setBy = ({ headers }: Answer): [string, string[]] => {
    const [cookie = "", ...more] = headers.getSetCookie();
    expect(more).toEqual([]);
    const [pair = "", ...attributes] = cookie.split("; ");
    return [pair, attributes.toSorted()];
  };

  test("is out of reach of scripts and other sites, and of this server only", async () => {
    const call = post(signInBody("admin", server.password));
    const [pair, attributes] = setBy(await ask(`${server.url}/trpc/session.signIn`, call));
    expect(pair).toMatch(/^daybook=[a-z0-9]{40}$/);
    expect(attributes).toEqual(["HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Strict"]);
    const out = await ask(`${server.url}/trpc/session.signOut`, post("", { cookie: pair }));
    expect(setBy(out)).toEqual([
      ...["daybook=", ["HttpOnly", "Max-Age=0", "Path=/", "SameSite=Strict"]],
    ]);
  });

  test("is not set by a sign-in that failed, nor by any query", async () => {
    const failed = await ask(
      `${server.url}/trpc/session.signIn`,
      post(signInBody("admin", "not the password")),
    );
    const headers = { cookie: admin.cookie() };
    const query = await ask(`${server.url}/trpc/session.me`, { headers });
    for (const { headers } of [failed, query]) expect(headers.getSetCookie()).toEqual([]);
  });

  test.each([
    ["another name", (pair: string) => pair.replace("daybook", "Daybook")],
    ["a name that ends like it", (pair: string) => `x${pair}`],
    ["a part of the token", (pair: string) => pair.slice(0, -1)],
    ["more than the token", (pair: string) => `${pair}a`],
    ["upper case", (pair: string) => `daybook=${pair.slice(8).toUpperCase()}`],
    ["quotes", (pair: string) => `daybook="${pair.slice(8)}"`],
    ["the hash that is stored", (pair: string) => `daybook=${sha256(pair.slice(8))}`],
    ["nothing", () => "daybook="],
    ["a prototype's name", () => "daybook=__proto__"],
    ["8 KB", () => `daybook=${"x".repeat(8000)}`],
  ])("with %s opens nothing", async (_, forge) => {
    const headers = { cookie: forge(admin.cookie()) };
    const { status, json } = await ask(`${server.url}/trpc/session.me`, { headers });
    expect([status, json]).toEqual([200, { result: { data: null } }]);
  });

  test("is read among others", async () => {
    const headers = { cookie: `a=b; ${admin.cookie()};c="d;e"` };
    const { json } = await ask(`${server.url}/trpc/session.me`, { headers });
    expect(json.result.data.user.username).toBe("admin");
  });
});

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

// Behind a proxy that speaks TLS: the public name is one of ours, and everything is for TLS only.
describe("behind https://example.test", () => {
  let proxied: TestServer;
  beforeAll(async () => {
    proxied = await startServer({ DAYBOOK_URL: "https://example.test" });
  });
  afterAll(async () => {
    await proxied.end();
    await removeFolder(proxied.data);
  });

  const signIn = (headers: Record<string, string>) =>
    raw(proxied, {
      path: "/trpc/session.signIn",
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: signInBody("admin", proxied.password),
    });

  test("the cookie is bound to the host and to TLS", async () => {
    const { status, headers } = await signIn({});
    expect(status).toBe(200);
    const [cookie = ""] = headers["set-cookie"] ?? [];
    expect(cookie).toMatch(/^__Host-daybook=[a-z0-9]{40}; /);
    for (const attribute of ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"])
      expect(cookie.split("; ")).toContain(attribute);
    expect(cookie).not.toMatch(/domain/i);
    expect(headers["strict-transport-security"]).toMatch(/max-age=31536000/);
    // Without the prefix, another host of the same domain could have set it.
    const token = cookie.split(";")[0]?.split("=")[1];
    for (const [name, isKnown] of [
      ["__Host-daybook", true],
      ["daybook", false],
    ] as const) {
      const me = { path: "/trpc/session.me", headers: { cookie: `${name}=${token}` } };
      const { text } = await raw(proxied, me);
      expect(JSON.parse(text).result.data !== null).toBe(isKnown);
    }
  });

  test.each([
    ["hands the public name on", { host: "example.test", origin: "https://example.test" }],
    ["puts its own name for this server", { origin: "https://example.test" }],
  ])("a proxy that %s is served", async (_, headers) => {
    expect((await signIn(headers)).status).toBe(200);
  });

  test.each([
    ["a foreign Origin", { host: "example.test", origin: "https://evil.test" }],
    ["a host of the same domain", { host: "a.example.test" }],
    ["the public name of another", { host: "evil.test", origin: "https://example.test" }],
  ])("%s is refused", async (_, headers) => {
    expect((await signIn(headers)).status).toBe(403);
  });

  // Loopback is where the proxy is, not who is asking: what only this machine may see is masked.
  test("secrets in mails and the insides of health are not shown", async () => {
    const { headers } = await signIn({});
    const cookie = String(headers["set-cookie"]?.[0]).split(";")[0] ?? "";
    const call = {
      ...{ path: "/trpc/people.create", method: "POST" },
      headers: { "content-type": "application/json", cookie },
      body: JSON.stringify(command(somebody())),
    };
    const { temporaryPassword } = JSON.parse((await raw(proxied, call)).text).result.data;
    const text = await eventually(async () => {
      const list = await raw(proxied, {
        path: `/trpc/mail.list?input=${encodeURIComponent("{}")}`,
        headers: { cookie },
      });
      const { rows } = JSON.parse(list.text).result.data;
      const sent = rows.find((row: { status: string }) => row.status === "sent");
      if (!sent) return undefined;
      const input = encodeURIComponent(JSON.stringify({ id: sent.id }));
      return (await raw(proxied, { path: `/trpc/mail.get?input=${input}`, headers: { cookie } }))
        .text;
    });
    expect(JSON.parse(text).result.data.message.masked).toBe(true);
    expect(text).not.toContain(temporaryPassword);
    const ready = await raw(proxied, { path: "/health/ready" });
    expect(JSON.parse(ready.text)).toEqual({ status: "ok" });
  });
});

// Who gets hold of a back-up can sign in as nobody with it. The mailbox is left out: it is where
// mail goes in development, links and passwords included, and says so.
test("no session token, password or reset link is stored where it could be read", async () => {
  const made = await make(admin);
  const generated = await make(admin, { generated: true });
  const browser = await browserOf(server, made);
  await browser.client.session.changePassword.mutate(
    command({ current: PASSWORD, password: ANOTHER }),
  );
  await browserOf(server, generated);
  await client.session.requestPasswordReset.mutate(command({ email: made.email }));
  const link = await resetToken(server, made.email);
  const reset = await client.people.resetPassword.mutate({ ...command({}), id: generated.id });
  await eventually(async () => (await mailsTo(server, generated.email))[1]);

  const secrets = {
    session: admin.cookie().split("=")[1],
    "another session": browser.cookie().split("=")[1],
    "chosen password": PASSWORD,
    "changed password": ANOTHER,
    "set-up password": server.password,
    "temporary password": generated.password,
    "reset password": reset.temporaryPassword,
    "reset link": link,
    "reset link's proof": link.split(".")[2],
    // Personal data is sealed in the log; read models may hold it.
  };
  const files = (await readdir(server.data, { recursive: true, withFileTypes: true })).filter(
    (file) => file.isFile() && !file.parentPath.endsWith("mailbox"),
  );
  const names = files.map(({ name }) => name);
  for (const name of ["events.db", "state.db", "views.db"]) expect(names).toContain(name);
  for (const file of files) {
    const bytes = await readFile(join(file.parentPath, file.name));
    for (const [what, secret = ""] of Object.entries(secrets)) {
      expect(secret.length).toBeGreaterThan(11);
      expect([file.name, what, bytes.includes(secret)]).toEqual([file.name, what, false]);
      const utf16 = bytes.includes(Buffer.from(secret, "utf16le"));
      expect([file.name, what, utf16]).toEqual([file.name, what, false]);
    }
    // The log is kept for ever and copied about: people's data in it is sealed.
    if (/^events\.db/.test(file.name))
      for (const personal of [made.email, made.username, generated.email])
        expect([file.name, bytes.includes(personal)]).toEqual([file.name, false]);
  }
  expect(server.output()).not.toContain(PASSWORD);
});

describe("health", () => {
  test("tells that it lives", async () => {
    const { status, json } = await ask(`${server.url}/health/live`);
    expect([status, json]).toEqual([200, { status: "ok" }]);
  });

  test("tells on this machine how each part is", async () => {
    const { status, json } = await ask(`${server.url}/health/ready`);
    expect([status, json.status]).toEqual([200, "ok"]);
    expect(json.checks).toEqual({
      events: { ok: true },
      documents: { ok: true },
      state: { ok: true },
    });
    const names = json.projections.map(({ name }: { name: string }) => name);
    for (const name of ["accounts", "memberships", "people", "history", "mails"])
      expect(names).toContain(name);
    for (const { state, parked } of json.projections) expect([state, parked]).toEqual(["live", []]);
  });
});

describe("live updates", () => {
  const names = (data: unknown) => Object.keys((data as { changes: object }).changes);

  test.each([[""], ["daybook="], ["daybook=aaaa"]])("refuse the cookie '%s'", async (cookie) => {
    const live = await listen(server.url, cookie);
    expect(live.status).toBe(401);
    expect(live.headers.get("content-type")).toMatch(/json/);
  });

  test("tell of what another client changed, once it can be read", async () => {
    const live = await listen(server.url, admin.cookie());
    expect(live.status).toBe(200);
    expect(live.headers.get("content-type")).toBe("text/event-stream");
    expect(live.headers.get("x-content-type-options")).toBe("nosniff");
    await live.until(({ event }) => event === "connected");
    const other = await browserOf(server, await make(admin, { role: "administrator" }));
    const made = await make(other);
    const told = await live.until(({ data }) => {
      const { position, changes } = data as { position?: number; changes?: object };
      const isWhole = position !== undefined && position >= made.position;
      return isWhole && JSON.stringify(changes).includes(made.id);
    });
    // No header says what was seen: the news itself comes only when there is something to fetch.
    const headers = { cookie: admin.cookie() };
    const input = encodeURIComponent(JSON.stringify({ id: made.id }));
    const read = await ask(`${server.url}/trpc/people.get?input=${input}`, { headers });
    expect(read.json.result.data.username).toBe(made.username);
    expect(names(told.data)).toEqual(expect.arrayContaining(["people", "history"]));
    // Only that something changed: nobody's data travels with it.
    expect(JSON.stringify(live.told)).not.toContain(made.username);
    live.close();
  });

  test("name only what the role may read", async () => {
    const member = await browserOf(server, await make(admin));
    const auditor = await browserOf(server, await make(admin, { role: "auditor" }));
    const [none, all] = [
      await listen(server.url, member.cookie()),
      await listen(server.url, auditor.cookie()),
    ];
    const made = await make(admin, { generated: true });
    await all.until(({ data }) => JSON.stringify(data).includes(made.id));
    const shown = new Set(
      all.told.flatMap(({ event, data }) => (event === "message" ? names(data) : [])),
    );
    const told = ["people", "history", "mails", "headcounts", "sign-in-hours", "mail-counts"];
    for (const name of shown) expect(told).toContain(name);
    // Both are told in one go: what a member is not told by now, they are never told.
    expect(none.told.filter(({ event }) => event === "message")).toEqual([]);
    none.close();
    all.close();
  });

  // The news of a change may arrive before the command that made it has answered: what it took
  // away must already be gone by then. A few rounds, because that is a race.
  test("change with the role", async () => {
    const watcher = await listen(server.url, admin.cookie());
    for (let round = 0; round < 8; round++) {
      const made = await make(admin, { role: "auditor" });
      const live = await listen(server.url, (await browserOf(server, made)).cookie());
      const role = { ...command({ role: "member" as const }), id: made.id };
      await client.people.changeRole.mutate(role);
      const later = await make(admin);
      await watcher.until(({ data }) => JSON.stringify(data).includes(later.id));
      expect(JSON.stringify(live.told)).not.toContain(later.id);
      live.close();
    }
    watcher.close();
  });

  test.each<[string, (id: string, browser: Connection) => Promise<unknown>]>([
    ["is deactivated", (id) => client.people.deactivate.mutate({ ...command({}), id })],
    [
      "has their password reset",
      (id) => client.people.resetPassword.mutate({ ...command({}), id }),
    ],
    ["signs out", (_, { client: own }) => own.session.signOut.mutate()],
    [
      "changes their password elsewhere",
      async (_, { client: own }) =>
        own.session.changePassword.mutate(command({ current: PASSWORD, password: ANOTHER })),
    ],
  ])("end when the person %s", async (_, happens) => {
    const made = await make(admin, { role: "auditor" });
    const browser = await browserOf(server, made);
    const live = await listen(server.url, browser.cookie());
    await live.until(({ event }) => event === "connected");
    const watcher = await listen(server.url, admin.cookie());
    await happens(made.id, browser);
    // At once, not at the next heartbeat: what happens afterwards is no longer told to them.
    const later = await make(admin);
    await watcher.until(({ data }) => JSON.stringify(data).includes(later.id));
    await live.until(({ event }) => event === "end");
    await live.over;
    expect(live.told.at(-1)).toMatchObject({ event: "end", data: { reason: "session" } });
    expect(JSON.stringify(live.told)).not.toContain(later.id);
    watcher.close();
  });

  test("of one person are so many and no more, and a closed one makes room", async () => {
    const browser = await browserOf(server, await make(admin));
    const open = () => listen(server.url, browser.cookie());
    const streams = await Promise.all(Array.from({ length: 10 }, open));
    expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200));
    expect((await open()).status).toBe(429);
    for (const stream of streams) stream.close();
    await eventually(async () => {
      const again = await open();
      again.close();
      return again.status === 200 || undefined;
    });
  });

  // A page that is left while it loads must not hold its place for as long as the session lasts.
  test("that were given up before they were answered hold no place", async () => {
    const browser = await browserOf(server, await make(admin));
    const { port } = new URL(server.url);
    for (let round = 0; round < 40; round++)
      await new Promise<void>((resolve) => {
        const headers = { cookie: browser.cookie() };
        const sent = request({ host: "127.0.0.1", port, path: "/live", headers });
        sent.on("error", () => {}).on("close", resolve);
        sent.end(() => setImmediate(() => sent.destroy()));
      });
    await eventually(async () => {
      const live = await listen(server.url, browser.cookie());
      live.close();
      return live.status === 200 || undefined;
    });
  });
});
