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
  // Answers and refusals are for one person; files of the web app say otherwise for themselves.
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  ...(secure && { "strict-transport-security": "max-age=31536000; includeSubDomains" }),
});

/** Whether only this machine is served: it listens on loopback, and is not public by a proxy. */
export const isLocal = ({ host, url }: { host: string; url: string }): boolean =>
  isLoopback(host) && isLoopback(URL.parse(url)?.hostname.replace(/^\[|\]$/g, "") ?? "");

const hostOf = (origin: string): string | undefined => URL.parse(origin)?.host;

/**
 * Whether a request comes from our own pages or from no browser at all. A browser says where a
 * request comes from; a program sends neither header, and carries no cookie by accident.
 */
function isOwn({ headers, host }: FastifyRequest, publicHost: string | undefined): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  if (headers.origin === undefined) return true;
  const from = hostOf(headers.origin);
  // A proxy in front may hand on its own name for this server in place of the public one.
  return from !== undefined && (from === host || from === publicHost);
}

/**
 * Refuses what another site makes a browser send (cross-site request forgery), and names that
 * another site makes point at a loopback server (DNS rebinding). `url` is the address people use:
 * where a proxy hands that name on, it is one of ours.
 */
export function guard(listensOn: string, url: string) {
  const local = isLoopback(listensOn);
  const publicHost = hostOf(url);
  const publicName = URL.parse(url)?.hostname;
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const refuse = (message: string) =>
      reply
        .code(403)
        .type("application/json")
        .send({ error: { message, data: { code: "FORBIDDEN" } } });
    const name = request.hostname.replace(/^\[|\]$/g, "");
    if (local && !isLoopback(name) && name !== publicName)
      return refuse("This server answers to localhost only.");
    const changes = request.method !== "GET" && request.method !== "HEAD";
    if (changes && !isOwn(request, publicHost))
      return refuse("Requests from other sites are refused.");
    return undefined;
  };
}
