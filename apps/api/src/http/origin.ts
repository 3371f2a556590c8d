import type { IncomingMessage } from "node:http";
import proxyAddr from "@fastify/proxy-addr";

/** Where a request comes from, and by which name it asked for this server. */
export type Origin = { ip: string; host: string };

const first = (header: string | string[] | undefined): string | undefined =>
  (Array.isArray(header) ? header.join() : header)?.split(",")[0]?.trim() || undefined;

/**
 * Reads the origin of requests. `trustProxy` lists the addresses of proxies, with commas between
 * them, whose X-Forwarded-For and X-Forwarded-Host are believed; nobody's are by default.
 */
export function originReader(trustProxy: string | undefined): (request: IncomingMessage) => Origin {
  const trusted = trustProxy?.split(",").map((one) => one.trim());
  const trusts = trusted ? proxyAddr.compile(trusted) : () => false;
  return (request) => {
    const { headers, socket } = request;
    const peer = socket.remoteAddress ?? "";
    const host = headers.host ?? "";
    if (!trusted || !trusts(peer, 0)) return { ip: peer, host };
    return {
      ip: proxyAddr(request, trusts) ?? peer,
      host: first(headers["x-forwarded-host"]) ?? host,
    };
  };
}
