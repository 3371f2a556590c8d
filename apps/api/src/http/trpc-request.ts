import { TRPCError } from "@trpc/server";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** Calls in one request. A page makes a handful; more would be a way to skip limits. */
const BATCH_MAX = 20;

export type Call = { path: string; input: unknown };

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
export function callsOf(request: FastifyRequest): { calls: Call[]; batched: boolean } {
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
