import type { IncomingMessage, ServerResponse } from "node:http";
import { type Stopwatch, traced } from "@daybook/application";
import {
  type AnyTRPCProcedure,
  type AnyTRPCRouter,
  getTRPCErrorShape,
  TRPCError,
} from "@trpc/server";
import { getHTTPStatusCode } from "@trpc/server/http";
import { forbiddenBody } from "./guard.ts";
import type { Origin } from "./origin.ts";
import { type Call, callsOf } from "./trpc-request.ts";

/** One request and what its answer carries. */
export type Exchange = {
  request: IncomingMessage;
  origin: Origin;
  /** Sent with the answer besides those that every answer has. */
  headers: [string, string][];
};

export type TrpcParts<C> = {
  /** One without a transformer: answers go out as they are. */
  router: AnyTRPCRouter;
  createContext: (exchange: Exchange) => Promise<C>;
  originOf: (request: IncomingMessage) => Origin;
  /** Why a request is refused before anything of it is looked at; nothing where it is not. */
  refuses: (request: IncomingMessage, origin: Origin) => string | undefined;
  /** Sent with every answer. */
  headers: Readonly<Record<string, string>>;
  bodyMaxBytes: number;
  /** What a call is answered with that threw. */
  errorOf: (thrown: unknown) => TRPCError;
  onError: (error: TRPCError, path: string | undefined) => void;
  /** Told of each query how long it took. */
  queries: Stopwatch;
};

/** What the calls of a request have in common. */
type Asked<C> = {
  type: "query" | "mutation";
  ctx: C;
  signal: AbortSignal;
  /** The reading of `performance.now()` when it came. */
  since: number;
};

const PREFIX = "/trpc/";

/** The texts of answers that are frozen. */
const texts = new WeakMap<object, string>();

/** An answer as it goes out; one that nobody may change any more is written once. */
function textOf(answer: { result: { data: unknown } } | { error: unknown }): string {
  const data = "result" in answer ? answer.result.data : undefined;
  const known = texts.get(data as object);
  if (known !== undefined) return known;
  const text = JSON.stringify(answer);
  if (typeof data === "object" && data !== null && Object.isFrozen(data)) texts.set(data, text);
  return text;
}

/**
 * Serves queries and mutations to tRPC's own client, which cannot tell it from the stock adapter:
 * that one costs several times what the procedures do, and so do a web framework's hooks, so it
 * works on Node's own requests. Subscriptions are not served here.
 */
export function trpcHandler<C>(parts: TrpcParts<C>) {
  const { router, createContext, originOf, refuses, bodyMaxBytes, errorOf, onError, queries } =
    parts;
  const config = router._def._config;
  const headers = Object.entries({ ...parts.headers, "content-type": "application/json" });

  function failure(cause: unknown, call?: Call, ctx?: C) {
    const error = errorOf(cause);
    if (error.code === "INTERNAL_SERVER_ERROR") onError(error, call?.path);
    const shape = { config, error, type: "unknown", ctx, input: call?.input } as const;
    return { error: getTRPCErrorShape({ ...shape, path: call?.path }) };
  }

  /** What there is of this kind at the path. */
  function procedureAt(path: string, type: Asked<C>["type"]): AnyTRPCProcedure | TRPCError {
    const procedure: AnyTRPCProcedure | undefined = router._def.procedures[path];
    if (!procedure)
      return new TRPCError({ code: "NOT_FOUND", message: `No procedure found on path "${path}"` });
    const kind = procedure._def.type;
    if (kind === type) return procedure;
    const message = `The procedure on path "${path}" is a ${kind}, not a ${type}`;
    return new TRPCError({ code: "METHOD_NOT_SUPPORTED", message });
  }

  async function answer(procedure: AnyTRPCProcedure, call: Call, { type, ctx, signal }: Asked<C>) {
    try {
      const { path, input } = call;
      const getRawInput = async () => input;
      const data = await procedure({ path, getRawInput, ctx, type, signal, batchIndex: 0 });
      return { result: { data } };
    } catch (error) {
      return failure(error, call, ctx);
    }
  }

  /** Monitors see procedures that there are: nobody can make up names for them. */
  async function watchedAnswer(call: Call, asked: Asked<C>) {
    const { path, input } = call;
    const { type, ctx, since } = asked;
    const procedure = procedureAt(path, type);
    if (procedure instanceof TRPCError) return failure(procedure, call, ctx);
    const method = type === "query" ? "GET" : "POST";
    const request = { method, route: PREFIX + path, input, since } as const;
    const given = await traced(request, () => answer(procedure, call, asked), getHTTPStatusCode);
    if (type === "query") queries.ended(path, since);
    return given;
  }

  async function answersTo(exchange: Exchange, signal: AbortSignal) {
    const since = performance.now();
    const { request } = exchange;
    try {
      const url = request.url?.slice(PREFIX.length) ?? "";
      const { calls, batched } = await callsOf(request, url, bodyMaxBytes);
      const ctx = await createContext(exchange);
      const type = request.method === "GET" ? "query" : "mutation";
      const asked = { type, ctx, signal, since } as const;
      return {
        answers: await Promise.all(calls.map((one) => watchedAnswer(one, asked))),
        batched,
      };
    } catch (error) {
      // Before any call: the client takes one error for all calls of a batch.
      return { answers: [failure(error)], batched: false };
    }
  }

  function send(response: ServerResponse, status: number, more: [string, string][], text: string) {
    const bytes = Buffer.byteLength(text);
    const length: [string, string] = ["content-length", String(bytes)];
    // A body that was refused unread is not waited for.
    const unread: [string, string][] = response.req.complete ? [] : [["connection", "close"]];
    response.writeHead(status, [...headers, ...more, ...unread, length].flat());
    // What is all ASCII is the same in both, and many times faster to write as this.
    response.end(text, bytes === text.length ? "latin1" : "utf8");
  }

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const origin = originOf(request);
    const refusal = refuses(request, origin);
    if (refusal) return send(response, 403, [], JSON.stringify(forbiddenBody(refusal)));
    const abort = new AbortController();
    // The request closes when its body has been read; who leaves later closes the answer unfinished.
    response.once("close", () => response.writableFinished || abort.abort());
    const exchange: Exchange = { request, origin, headers: [] };
    const { answers, batched } = await answersTo(exchange, abort.signal);
    const items = answers.map(textOf);
    const statuses = new Set(answers.map((one) => getHTTPStatusCode(one)));
    const status = statuses.size === 1 ? (statuses.values().next().value ?? 200) : 207;
    return send(response, status, exchange.headers, batched ? `[${items}]` : `${items}`);
  }

  return {
    /** Whether it is this handler that answers. */
    takes: ({ method, url }: IncomingMessage): boolean =>
      (method === "GET" || method === "POST") && (url?.startsWith(PREFIX) ?? false),
    /** Answers; what goes wrong on the way is for `onError`, and the connection is closed. */
    handle: (request: IncomingMessage, response: ServerResponse): void => {
      handle(request, response).catch((error: unknown) => {
        onError(errorOf(error), request.url);
        response.destroy();
      });
    },
  };
}
