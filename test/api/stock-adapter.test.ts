import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { stopwatch } from "@daybook/application";
import { getTRPCErrorFromUnknown, initTRPC, TRPCError } from "@trpc/server";
import { createHTTPServer } from "@trpc/server/adapters/standalone";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { originReader } from "../../apps/api/src/http/origin.ts";
import { trpcHandler } from "../../apps/api/src/http/trpc-handler.ts";
import { type Answer, ask, inQuery, post } from "./calls.ts";

/** What a procedure that waits is told when its caller leaves. */
let left: ((name: string) => void) | undefined;

const t = initTRPC.create({ isDev: false });
const router = t.router({
  hello: t.procedure
    .input(z.object({ name: z.string() }))
    .query(({ input }) => `Hello ${input.name}`),
  nothing: t.procedure.query(() => undefined),
  nested: t.router({ deep: t.procedure.query(() => "deep") }),
  add: t.procedure.input(z.object({ n: z.number() })).mutation(({ input }) => ({ n: input.n + 1 })),
  free: t.procedure.mutation(() => "done"),
  echo: t.procedure.input(z.unknown()).mutation(({ input }) => ({ was: input ?? String(input) })),
  shown: t.procedure.input(z.unknown()).query(({ input }) => ({ was: input ?? String(input) })),
  forbidden: t.procedure.query(() => {
    throw new TRPCError({ code: "FORBIDDEN", message: "Not for you." });
  }),
  broken: t.procedure.query(() => {
    throw new Error("broken inside");
  }),
  wait: t.procedure.input(z.string()).mutation(async ({ input, signal }) => {
    if (signal) await once(signal, "abort");
    left?.(input);
  }),
});

const stock = createHTTPServer({ router, basePath: "/trpc/" });
const handler = trpcHandler({
  router,
  createContext: async () => ({}),
  originOf: originReader(undefined),
  refuses: () => undefined,
  headers: {},
  bodyMaxBytes: 1_000_000,
  errorOf: getTRPCErrorFromUnknown,
  onError: () => {},
  queries: stopwatch(),
});
const ours = createServer(handler.handle);

const urls = { stock: "", ours: "" };
const urlOf = (address: unknown) => `http://127.0.0.1:${(address as AddressInfo).port}/trpc/`;

beforeAll(async () => {
  stock.listen(0, "127.0.0.1");
  await once(stock, "listening");
  ours.listen(0, "127.0.0.1");
  await once(ours, "listening");
  urls.stock = urlOf(stock.address());
  urls.ours = urlOf(ours.address());
});
afterAll(async () => {
  for (const server of [stock, ours]) {
    server.closeAllConnections();
    server.close();
  }
});

const both = async (path: string, init?: RequestInit) => [
  ...(await Promise.all([ask(urls.stock + path, init), ask(urls.ours + path, init)])),
];
const shown = ({ status, type, text }: Answer) => ({ status, type, text });

// Whoever speaks tRPC cannot tell our short handler from the one that the library comes with.
describe("answers byte for byte as the stock adapter", () => {
  test.each<[string, string, RequestInit?]>([
    ["a query", `hello?${inQuery({ name: "Ærø 😀" })}`],
    ["a query without a result", "nothing"],
    ["a nested procedure", "nested.deep"],
    ["a query that needs an input and has none", "hello"],
    ["an empty input", "hello?input="],
    ["an input of null", "shown?input=null"],
    ["half a character", `shown?input=${encodeURIComponent('"\\ud800"')}`],
    ["an unknown procedure", "nope"],
    ["a router", "nested"],
    ["a slash for a dot", "nested/deep"],
    ["no name", ""],
    ["__proto__", "__proto__"],
    ["constructor", "constructor"],
    ["a procedure's own property", "hello.constructor"],
    ["a refusal", "forbidden"],
    ["a failure", "broken"],
    ["a mutation", "add", post('{"n":1}')],
    [
      "a mutation in UTF-8",
      "add",
      post('{"n":1}', { "content-type": "Application/JSON;charset=utf-8" }),
    ],
    ["a mutation with a wrong input", "add", post('{"n":"x"}')],
    ["a mutation without an input", "free", post("")],
    ["null for a body", "echo", post("null")],
    ["a text for a body", "echo", post('"x"')],
    ["a list for a body", "echo", post("[1]")],
    ["control characters in a body", "echo", post('{"a":"\\ud800\\u0000"}')],
    ["a batch", `hello,nothing?batch=1&${inQuery({ 0: { name: "a" } })}`],
    ["a batch of one", `hello?batch=1&${inQuery({ 0: { name: "a" } })}`],
    ["a batch in part refused", `hello,nope,forbidden?batch=1&${inQuery({ 0: { name: "a" } })}`],
    ["a batch of which all is refused alike", "forbidden,forbidden?batch=1"],
    ["a batch that lacks an input", `hello,hello?batch=1&${inQuery({ 1: { name: "b" } })}`],
    ["a batch of the same twice", `shown,shown?batch=1&${inQuery({ 0: "a", 1: "b" })}`],
    ["a batch without inputs", "nothing,nothing?batch=1"],
    ["a batch with null for inputs", "nothing?batch=1&input=null"],
    ["a batch with an unnamed call", "nothing,?batch=1"],
    ["commas without a batch", "hello,hello"],
    ["commas with another batch", "hello,hello?batch=true"],
    [
      "a batch of mutations",
      "add,add,add?batch=1",
      post('{"0":{"n":1},"1":{"n":"x"},"2":{"n":3}}'),
    ],
    ["a batch of mutations without inputs", "free,free?batch=1", post("")],
    ["a batch with null for one", "echo,echo?batch=1", post('{"0":null}')],
  ])("%s", async (_, path, init) => {
    const [theirs, our] = await both(path, init);
    expect(shown(our as Answer)).toEqual(shown(theirs as Answer));
  });
});

// Where the words differ, the client is told the same: the code and the status.
describe("answers with the stock adapter's status", () => {
  test.each<[string, string, RequestInit?]>([
    ["a GET of a mutation", "free"],
    ["a POST of a query", "nothing", post("{}")],
    ["an input that is not JSON", "hello?input={"],
    ["an input that cannot be decoded", "hello?input=%E0%A4%A"],
    ["a name that cannot be decoded", "he%E0%A4%A"],
    ["a body that is cut off", "add", post('{"n":')],
    ["a batch's body that is cut off", "add,add?batch=1", post('{"0":')],
    ["a list for a batch's inputs", `hello?batch=1&${inQuery([{ name: "a" }])}`],
    ["a text for a batch's inputs", "echo,echo?batch=1", post('"ab"')],
    ["no type", "free", { method: "POST" }],
    ["text", "add", post('{"n":1}', { "content-type": "text/plain" })],
    ["a form", "add", post("n=1", { "content-type": "application/x-www-form-urlencoded" })],
  ])("%s", async (_, path, init) => {
    const [theirs, our] = await both(path, init);
    expect(our?.status).toBe(theirs?.status);
    expect(our?.status).toBeGreaterThanOrEqual(400);
  });
});

describe("is stricter than the stock adapter", () => {
  test.each([['{"__proto__":{"n":1}}'], ['{"constructor":{"prototype":{"n":1}}}']])(
    "with %s",
    async (body) => {
      const [theirs, our] = await both("echo", post(body));
      expect([theirs?.status, our?.status]).toEqual([200, 400]);
    },
  );
});

test.each(["stock", "ours"] as const)(
  "%s tells a procedure that its caller left",
  async (which) => {
    const gone = new Promise<string>((resolve) => {
      left = resolve;
    });
    const abort = new AbortController();
    const call = ask(`${urls[which]}wait`, { ...post(`"${which}"`), signal: abort.signal });
    // Long enough for the body to have been read: what ends it then is only the connection.
    setTimeout(() => abort.abort(), 100);
    await expect(call).rejects.toThrow(/abort/i);
    expect(await gone).toBe(which);
  },
);
