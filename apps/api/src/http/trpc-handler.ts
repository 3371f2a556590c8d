import {
  type AnyTRPCRouter,
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  TRPCError,
  transformTRPCResponse,
} from "@trpc/server";
import { getHTTPStatusCode } from "@trpc/server/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** Calls in one request. A page makes a handful; more would be a way to skip limits. */
const BATCH_MAX = 20;

type Call = { path: string; input: unknown };

/**
 * Whether the body says that it is JSON. A page of another site can send any other type without
 * asking first (ASVS 3.5.2), also none at all.
 */
const isJson = ({ headers }: FastifyRequest): boolean =>
  headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() === "application/json";

/** The client says JSON and sends nothing where a procedure has no input: that is not malformed. */
export function acceptEmptyJson(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser("error", "error");
  server.addContentTypeParser<string>(
    "application/json",
    { parseAs: "string" },
    (request, body, done) => (body === "" ? done(null) : parse(request, body, done)),
  );
}

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
      given = input ? JSON.parse(input) : undefined;
    } catch (cause) {
      throw new TRPCError({ code: "PARSE_ERROR", message: "The input is not JSON.", cause });
    }
  else if (!isJson(request))
    throw new TRPCError({
      code: "UNSUPPORTED_MEDIA_TYPE",
      message: "The content type has to be application/json.",
    });
  if (batch !== "1") return { calls: [{ path, input: given }], batched: false };
  const paths = path.split(",");
  if (paths.length > BATCH_MAX)
    throw new TRPCError({ code: "BAD_REQUEST", message: `At most ${BATCH_MAX} calls a batch.` });
  const inputs = (given ?? {}) as Record<string, unknown>;
  if (typeof inputs !== "object" || Array.isArray(inputs))
    throw new TRPCError({ code: "BAD_REQUEST", message: "The inputs of a batch are an object." });
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

  function refuseUnlessA(type: string, path: string) {
    const procedure = router._def.procedures[path];
    if (!procedure)
      throw new TRPCError({ code: "NOT_FOUND", message: `No procedure found on path "${path}"` });
    const kind = procedure._def.type;
    if (kind === type) return;
    const message = `The procedure on path "${path}" is a ${kind}, not a ${type}`;
    throw new TRPCError({ code: "METHOD_NOT_SUPPORTED", message });
  }

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const abort = new AbortController();
    // The request closes when its body has been read; who leaves later closes the answer unfinished.
    reply.raw.once("close", () => reply.raw.writableFinished || abort.abort());
    const type = request.method === "GET" ? "query" : "mutation";
    let ctx: C | undefined;

    async function answer(call: Call, batchIndex: number) {
      try {
        const { path, input } = call;
        refuseUnlessA(type, path);
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
