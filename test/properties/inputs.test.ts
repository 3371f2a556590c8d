import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { appRouter } from "../../apps/api/src/router.ts";
import { type Answer, ask } from "../api/calls.ts";
import { browserOf, make } from "../api/people.ts";
import { type Connection, connect } from "../support/client.ts";
import { anyText, mangled, nonsense } from "../support/hostile-input.ts";
import { removeFolder, startServer, type TestServer } from "../support/server.ts";
import { arbitraryOf } from "../support/zod-arbitrary.ts";

type Definition = { type: "query" | "mutation"; inputs: z.ZodType[] };
type Procedures = { _def: { procedures: Record<string, { _def: Definition }> } };

const procedures = Object.entries((appRouter as unknown as Procedures)._def.procedures).map(
  ([path, { _def }]) => ({
    path,
    method: _def.type === "query" ? "GET" : "POST",
    schema: _def.inputs[0],
  }),
);

let server: TestServer;
const people: string[] = [];
const cookies: Record<string, string> = { nobody: "" };

beforeAll(async () => {
  server = await startServer();
  const admin: Connection = connect(server.url);
  const me = await admin.signIn("admin", server.password);
  const made = [await make(admin), await make(admin, { generated: true })];
  people.push(me?.user.id ?? "", ...made.map(({ id }) => id));
  const auditor = await browserOf(server, await make(admin, { role: "auditor" }));
  Object.assign(cookies, { administrator: admin.cookie(), auditor: auditor.cookie() });
});
afterAll(async () => {
  await server.end();
  await removeFolder(server.data);
});

/** Cursors as the server makes them, most of the order that is asked for, with anything for a key. */
const orders: [string, string[]][] = [
  ["ascending", ["sortName"]],
  ["descending", ["position"]],
  ["descending", ["createdAt"]],
  ["sideways", []],
];
const cursor = fc
  .tuple(
    fc.constantFrom(...orders),
    fc.oneof(fc.array(fc.oneof(fc.string(), fc.double()), { maxLength: 3 }), nonsense),
  )
  .map(([order, key]) => Buffer.from(JSON.stringify([...order, key])).toString("base64url"));

const uuids = fc.uuid({ version: 7 });
const person = fc.nat(2).map((n) => people[n] ?? "");
const somebody = fc.oneof({ weight: 4, arbitrary: person }, { weight: 1, arbitrary: uuids });
const named = {
  ...{ id: somebody, subject: somebody },
  commandId: fc.oneof(uuids, fc.constant("019b7a2c-6c00-7000-8000-000000000000")),
  revision: fc.nat(9),
  cursor: fc.oneof({ weight: 4, arbitrary: cursor }, { weight: 1, arbitrary: anyText }),
  name: fc.constantFrom("admin", "nobody", "admin@northwind.example"),
};

const inputOf = (schema: z.ZodType | undefined): fc.Arbitrary<unknown> => {
  if (!schema) return fc.oneof(fc.constant(undefined), nonsense);
  const valid = arbitraryOf(schema, { named });
  return fc.oneof(
    { weight: 2, arbitrary: valid },
    { weight: 5, arbitrary: mangled(valid) },
    { weight: 1, arbitrary: nonsense },
  );
};

type Request = { path: string; query: Record<string, string>; method: string; body?: string };

const sent = (method: string, path: string, input: unknown, query: Record<string, string> = {}) => {
  const text = input === undefined ? undefined : JSON.stringify(input);
  return method === "GET"
    ? { method, path, query: { ...query, ...(text !== undefined && { input: text }) } }
    : { method, path, query, body: text ?? "" };
};

const call: fc.Arbitrary<Request> = fc.oneof(
  ...procedures.map(({ path, method, schema }) =>
    fc
      .tuple(
        inputOf(schema),
        fc.oneof(
          { weight: 12, arbitrary: fc.constant(method) },
          { weight: 1, arbitrary: fc.constantFrom("GET", "POST") },
        ),
      )
      .map(([input, by]) => sent(by, path, input)),
  ),
);

const paths = procedures.map(({ path }) => path);
const oddPath = fc.constantFrom(
  ...["", ",", ".", "people", "people.", "people.list.x", "__proto__", "constructor"],
  ...["people.__proto__", "toString", "%00", "%ff", "..%2f", "x".repeat(5000), "é"],
);

/** Several calls in one request, their inputs by index, as an object or as nothing of the kind. */
const batch: fc.Arbitrary<Request> = fc
  .record({
    method: fc.constantFrom("GET", "POST"),
    called: fc.array(
      fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...paths) },
        { weight: 1, arbitrary: oddPath },
      ),
      { minLength: 1, maxLength: 22 },
    ),
    inputs: fc.oneof(
      nonsense,
      fc.dictionary(fc.oneof(fc.nat(22).map(String), fc.string()), nonsense, {
        noNullPrototype: true,
      }),
    ),
    batch: fc.constantFrom("1", "1", "1", "0", "true"),
  })
  .map(({ method, called, inputs, batch }) => sent(method, called.join(), inputs, { batch }));

/** What is no JSON, on a path that may not be one. */
const noise: fc.Arbitrary<Request> = fc
  .record({
    method: fc.constantFrom("GET", "POST"),
    path: fc.oneof(fc.constantFrom(...paths), oddPath),
    text: fc.oneof(
      anyText,
      fc.constantFrom("{", "[", '"', "nul", '{"a":1,}', '{"__proto__":1}', "\ufeff{}"),
      fc.constant(`"${"x".repeat(300_000)}"`),
    ),
  })
  .map(({ method, path, text }) =>
    // An address that long does not get through to a server.
    method === "GET" && text.length < 5000
      ? { method, path, query: { input: text } }
      : { method: "POST", path, query: {}, body: text },
  );

const request = fc.oneof(
  { weight: 12, arbitrary: call },
  { weight: 3, arbitrary: batch },
  { weight: 2, arbitrary: noise },
);

/** Node takes so much for the address and all headers together. */
const ADDRESS_MAX = 14_000;

async function send({ path, query, method, body }: Request, cookie: string): Promise<Answer> {
  const url = `${server.url}/trpc/${path}?${new URLSearchParams(query)}`;
  if (url.length > ADDRESS_MAX)
    return send({ path: "session.me", query: {}, method: "GET" }, cookie);
  // Whoever signs out is nobody from then on.
  const from = path.includes("signOut") ? "" : cookie;
  const headers = { "content-type": "application/json", cookie: from };
  return ask(url, { method, headers, ...(body !== undefined && { body }) });
}

/** Nothing that a client asks for may be larger. */
const ANSWER_MAX = 256 * 1024;

function expectTrpc({ path, query }: Request, { status, type, text, json }: Answer) {
  const isSuccess = status >= 200 && status < 300;
  expect(isSuccess || (status >= 400 && status < 500), `${status} ${text}`).toBe(true);
  expect(type).toBe("application/json");
  const answers: unknown[] = Array.isArray(json) ? json : [json];
  expect(text.length).toBeLessThan(ANSWER_MAX * answers.length);
  // What is wrong with the batch itself is answered by one error for all of its calls.
  if (Array.isArray(json))
    expect([query.batch, json.length]).toEqual(["1", path.split(",").length]);
  for (const one of answers) {
    const { result, error } = one as { result?: { data?: unknown }; error?: Answer["json"] };
    if (result) expect(error).toBeUndefined();
    else {
      expect(error).toMatchObject({ message: expect.any(String), code: expect.any(Number) });
      expect(error.data).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/) });
      expect(error.data.httpStatus).toBeGreaterThanOrEqual(400);
      expect(error.data.httpStatus).toBeLessThan(500);
      expect(error.data.stack).toBeUndefined();
    }
  }
}

// Nobody's input may end the server, nor be answered by what only a mistake of ours is answered by.
describe("the API answers whatever it is sent as a success or a refusal", () => {
  test.each([["administrator"], ["auditor"], ["nobody"]])(
    "from %s",
    async (who) => {
      const cookie = cookies[who] ?? "";
      await fc.assert(
        fc.asyncProperty(fc.array(request, { minLength: 5, maxLength: 15 }), async (requests) => {
          const answers = await Promise.all(requests.map((one) => send(one, cookie)));
          for (const [n, answer] of answers.entries()) expectTrpc(requests[n] as Request, answer);
          const { status, json } = await ask(`${server.url}/trpc/session.me`, {
            headers: { cookie },
          });
          expect([status, json.result.data?.role ?? "nobody"]).toEqual([200, who]);
        }),
        { numRuns: 60, interruptAfterTimeLimit: 90_000 },
      );
    },
    180_000,
  );

  test("and logs no failure of its own", () => {
    expect(server.process.exitCode).toBeNull();
    expect(server.output()).not.toMatch(/a procedure failed|a request failed|in the background/);
  });
});
