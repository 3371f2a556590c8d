import type { IncomingMessage } from "node:http";
import { TRPCError } from "@trpc/server";
import { parse } from "secure-json-parse";
import { readBody } from "./body.ts";

/** Calls in one request. A page makes a handful; more would be a way to skip limits. */
const BATCH_MAX = 20;

export type Call = { path: string; input: unknown };

/**
 * Whether the body says that it is JSON. A page of another site can send any other type without
 * asking first (ASVS 3.5.2), also none at all.
 */
const isJson = ({ headers }: IncomingMessage): boolean =>
  headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() === "application/json";

/** Parses JSON, refusing keys that would reach an object's prototype. */
function parseJson(text: string): unknown {
  try {
    return parse(text, { protoAction: "error", constructorAction: "error" });
  } catch (cause) {
    throw new TRPCError({ code: "PARSE_ERROR", message: "The input is not JSON.", cause });
  }
}

async function inputOf(request: IncomingMessage, query: URLSearchParams, maxBytes: number) {
  if (request.method === "GET") {
    const [input, ...more] = query.getAll("input");
    // Given twice it is not the client's, and no two readers would take the same one.
    if (more.length > 0) throw new TRPCError({ code: "BAD_REQUEST", message: "One input only." });
    return input ? parseJson(input) : undefined;
  }
  if (!isJson(request))
    throw new TRPCError({
      code: "UNSUPPORTED_MEDIA_TYPE",
      message: "The content type has to be application/json.",
    });
  // The client sends nothing where a procedure has no input: that is not malformed.
  const body = await readBody(request, maxBytes);
  return body === "" ? undefined : parseJson(body);
}

function pathOf(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new TRPCError({ code: "BAD_REQUEST", message: "The address cannot be decoded." });
  }
}

/**
 * The calls of a request, in tRPC's HTTP format (https://trpc.io/docs/rpc): one, or with `batch=1`
 * several, their paths joined by commas and their inputs in an object by index. `url` is what
 * follows the prefix.
 */
export async function callsOf(
  request: IncomingMessage,
  url: string,
  maxBytes: number,
): Promise<{ calls: Call[]; batched: boolean }> {
  const mark = url.indexOf("?");
  const path = pathOf(mark < 0 ? url : url.slice(0, mark));
  const query = new URLSearchParams(mark < 0 ? "" : url.slice(mark));
  const given = await inputOf(request, query, maxBytes);
  if (query.get("batch") !== "1") return { calls: [{ path, input: given }], batched: false };
  const paths = path.split(",");
  if (paths.length > BATCH_MAX)
    throw new TRPCError({ code: "BAD_REQUEST", message: `At most ${BATCH_MAX} calls a batch.` });
  const inputs = (given ?? {}) as Record<string, unknown>;
  if (typeof inputs !== "object" || Array.isArray(inputs))
    throw new TRPCError({ code: "BAD_REQUEST", message: "The inputs of a batch are an object." });
  return { calls: paths.map((one, at) => ({ path: one, input: inputs[at] })), batched: true };
}
