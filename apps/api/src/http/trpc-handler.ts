import {
  type AnyTRPCRouter,
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  TRPCError,
  transformTRPCResponse,
} from "@trpc/server";
import { getHTTPStatusCode } from "@trpc/server/http";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Calls in one request. A page makes a handful; more would be a way to skip limits. */
const BATCH_MAX = 20;

type Call = { path: string; input: unknown };

/**
 * The calls of a request, in tRPC's HTTP format (https://trpc.io/docs/rpc): one, or with `batch=1`
 * several, their paths joined by commas and their inputs in an object by index.
 */
function callsOf(request: FastifyRequest): { calls: Call[]; batched: boolean } {
  const { "*": path = "" } = request.params as { "*"?: string };
  const { batch, input } = request.query as { batch?: string; input?: string };
  let given: unknown = request.body;
  if (request.method === "GET")
    try {
      given = input === undefined ? undefined : JSON.parse(input);
    } catch (cause) {
      throw new TRPCError({ code: "PARSE_ERROR", message: "The input is not JSON.", cause });
    }
  if (batch !== "1") return { calls: [{ path, input: given }], batched: false };
  const paths = path.split(",");
  if (paths.length > BATCH_MAX)
    throw new TRPCError({ code: "BAD_REQUEST", message: `At most ${BATCH_MAX} calls a batch.` });
  const inputs = (given ?? {}) as Record<string, unknown>;
  return { calls: paths.map((one, at) => ({ path: one, input: inputs[at] })), batched: true };
}

/**
 * Serves queries and mutations to tRPC's own client, which cannot tell it from the stock adapter:
 * that one costs several times what the procedures do. Subscriptions are not served here.
 */
export function trpcHandler<C>(
  router: AnyTRPCRouter,
  createContext: (request: FastifyRequest, reply: FastifyReply) => Promise<C>,
  onError: (error: TRPCError, path: string | undefined) => void,
) {
  const config = router._def._config;

  function failure(cause: unknown, call?: Call, ctx?: C) {
    const error = getTRPCErrorFromUnknown(cause);
    if (error.code === "INTERNAL_SERVER_ERROR") onError(error, call?.path);
    const shape = { config, error, type: "unknown", ctx, input: call?.input } as const;
    return { error: getTRPCErrorShape({ ...shape, path: call?.path }) };
  }

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const abort = new AbortController();
    request.raw.once("close", () => request.raw.complete || abort.abort());
    const type = request.method === "GET" ? "query" : "mutation";
    let ctx: C | undefined;

    async function answer(call: Call, batchIndex: number) {
      try {
        const { path, input } = call;
        const getRawInput = async () => input;
        const { signal } = abort;
        const data = await callTRPCProcedure({
          ...{ router, path, getRawInput, ctx, type, signal, batchIndex },
        });
        return { result: { data } };
      } catch (error) {
        return failure(error, call, ctx);
      }
    }

    let answers: Awaited<ReturnType<typeof answer>>[];
    let batched = false;
    try {
      const asked = callsOf(request);
      ctx = await createContext(request, reply);
      batched = asked.batched;
      answers = await Promise.all(asked.calls.map(answer));
    } catch (error) {
      // Before any call: the client takes one error for all calls of a batch.
      answers = [failure(error)];
    }
    const body = answers.map((one) => transformTRPCResponse(config, one));
    const statuses = new Set(answers.map((one) => getHTTPStatusCode(one)));
    reply.code(statuses.size === 1 ? (statuses.values().next().value ?? 200) : 207);
    reply.header("content-type", "application/json");
    return JSON.stringify(batched ? body : body[0]);
  };
}
