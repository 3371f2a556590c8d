import type { IncomingMessage } from "node:http";
import { isLoopback } from "@daybook/adapters";
import type { Origin } from "./origin.ts";

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

/** The name in a host, without its port and the brackets of an IPv6 address. */
const nameOf = (host: string): string =>
  host.startsWith("[") ? host.slice(1, host.indexOf("]")) : (host.split(":")[0] as string);

/**
 * Whether a request comes from our own pages or from no browser at all. A browser says where a
 * request comes from; a program sends neither header, and carries no cookie by accident.
 */
function isOwn(
  { headers }: IncomingMessage,
  { host }: Origin,
  publicHost: string | undefined,
): boolean {
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
 * where a proxy hands that name on, it is one of ours. Returns why, or nothing.
 */
export function guard(listensOn: string, url: string) {
  const local = isLoopback(listensOn);
  const publicHost = hostOf(url);
  const publicName = URL.parse(url)?.hostname;
  return (request: IncomingMessage, origin: Origin): string | undefined => {
    const name = nameOf(origin.host);
    if (local && !isLoopback(name) && name !== publicName)
      return "This server answers to localhost only.";
    const changes = request.method !== "GET" && request.method !== "HEAD";
    return changes && !isOwn(request, origin, publicHost)
      ? "Requests from other sites are refused."
      : undefined;
  };
}

/** The body of the answer to a request that is refused. */
export const forbiddenBody = (message: string) => ({
  error: { message, data: { code: "FORBIDDEN" } },
});
