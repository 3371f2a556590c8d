import type { IncomingMessage } from "node:http";

/** As long as a session can last at most; the server ends it earlier when it is idle. */
const MAX_AGE_S = 12 * 3600;

const nameOf = (secure: boolean): string => (secure ? "__Host-daybook" : "daybook");

/** The session's token, as the browser sends it. */
export function readSessionCookie({ headers }: IncomingMessage, secure: boolean) {
  const prefix = `${nameOf(secure)}=`;
  const cookies = headers.cookie?.split(/;\s*/) ?? [];
  return cookies.find((cookie) => cookie.startsWith(prefix))?.slice(prefix.length) || undefined;
}

/** The header that hands the browser a session, or takes it away: out of reach of scripts and of other sites. */
export function sessionCookie(token: string | undefined, secure: boolean): [string, string] {
  const attributes = ["Path=/", "HttpOnly", "SameSite=Strict", ...(secure ? ["Secure"] : [])];
  const age = token === undefined ? 0 : MAX_AGE_S;
  const cookie = [`${nameOf(secure)}=${token ?? ""}`, `Max-Age=${age}`, ...attributes];
  return ["set-cookie", cookie.join("; ")];
}
