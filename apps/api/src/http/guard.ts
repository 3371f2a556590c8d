import { isLoopback } from "@daybook/adapters";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Sent with every answer; set at once, so that they cost nothing. */
export const securityHeaders = (secure: boolean): Record<string, string> => ({
  "content-security-policy": [
    "default-src 'self'",
    // The component library sets styles on elements; scripts are only ever our own files.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  ...(secure && { "strict-transport-security": "max-age=31536000; includeSubDomains" }),
});

const hostOf = (origin: string): string | undefined => URL.parse(origin)?.host;

/**
 * Whether a request comes from our own pages or from no browser at all. A browser says where a
 * request comes from; a program sends neither header, and carries no cookie by accident.
 */
function isOwn({ headers, host }: FastifyRequest): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  return headers.origin === undefined || hostOf(headers.origin) === host;
}

/**
 * Refuses what another site makes a browser send (cross-site request forgery), and names that
 * another site makes point at a loopback server (DNS rebinding).
 */
export function guard(listensOn: string) {
  const local = isLoopback(listensOn);
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const refuse = (message: string) =>
      reply
        .code(403)
        .type("application/json")
        .send({ error: { message, data: { code: "FORBIDDEN" } } });
    const name = request.hostname.replace(/^\[|\]$/g, "");
    if (local && !isLoopback(name)) return refuse("This server answers to localhost only.");
    const changes = request.method !== "GET" && request.method !== "HEAD";
    if (changes && !isOwn(request)) return refuse("Requests from other sites are refused.");
    return undefined;
  };
}
