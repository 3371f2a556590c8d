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
import { type Call, callsOf } from "./trpc-request.ts";

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
