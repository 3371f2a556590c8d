import { InvalidCursor, KeyErased, StoreUnavailable } from "@daybook/adapters";
import { invalid, notFound, Refusal, type RefusalKind, unavailable } from "@daybook/domain";
import { getTRPCErrorFromUnknown, type TRPC_ERROR_CODE_KEY, TRPCError } from "@trpc/server";
import { ZodError } from "zod";

const codes: Record<RefusalKind, TRPC_ERROR_CODE_KEY> = {
  invalid: "BAD_REQUEST",
  unauthenticated: "UNAUTHORIZED",
  forbidden: "FORBIDDEN",
  "not-found": "NOT_FOUND",
  conflict: "CONFLICT",
  limited: "TOO_MANY_REQUESTS",
  unavailable: "SERVICE_UNAVAILABLE",
};

/** What ports throw, in the words of a refusal. */
function asRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof InvalidCursor) return invalid("list/cursor");
  if (error instanceof StoreUnavailable) return unavailable("store/unavailable");
  if (error instanceof KeyErased) return notFound("person/erased");
  return undefined;
}

/** What a call is answered with that threw: a refusal keeps its code, anything else says nothing. */
export function asTrpcError(thrown: unknown): TRPCError {
  const error = getTRPCErrorFromUnknown(thrown);
  const refusal = asRefusal(error.cause ?? error);
  return refusal
    ? new TRPCError({ code: codes[refusal.kind], message: refusal.code, cause: refusal })
    : error;
}

/** What the client is told besides tRPC's own shape. */
export function errorData({ cause, code }: TRPCError) {
  if (cause instanceof Refusal) return { refusal: { code: cause.code, details: cause.details } };
  if (cause instanceof ZodError) {
    const issues = cause.issues.map(({ path, message }) => ({ path: path.join("."), message }));
    return { refusal: { code: "input/invalid", details: {} }, issues };
  }
  return code === "INTERNAL_SERVER_ERROR"
    ? { refusal: { code: "server/failed", details: {} } }
    : {};
}
