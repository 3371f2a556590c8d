import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from "node:http";
import { type App, authenticate, reader } from "@daybook/application";
import { getTRPCErrorShape, type TRPC_ERROR_CODE_KEY, TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from "fastify";
import type { Logger } from "pino";
import type { ApiOptions, Context } from "./context.ts";
import { asTrpcError } from "./errors.ts";
import { readSessionCookie, sessionCookie } from "./http/cookies.ts";
import { forbiddenBody, guard, isLocal, securityHeaders } from "./http/guard.ts";
import type { HealthParts } from "./http/health.ts";
import { routeHealth, routeMetrics } from "./http/monitor.ts";
import { originReader } from "./http/origin.ts";
import { type Exchange, trpcHandler } from "./http/trpc-handler.ts";
import { routeWeb } from "./http/web.ts";
import { routeExports } from "./lists/export.ts";
import { type Live, startLive } from "./live.ts";
import { appRouter } from "./router.ts";

/** The largest form is far below it. */
const BODY_MAX = 256 * 1024;
/** A request that is not here by then was cut off. */
const REQUEST_MS = 30_000;
/** Longer than what proxies keep a connection for: it is theirs to close. */
const KEEP_ALIVE_MS = 72_000;

export type ServerOptions = ApiOptions & {
  /** The address it listens on. */
  host: string;
  trustProxy: string | undefined;
  logger: Logger;
  health: HealthParts;
  /** The folder of the built web app. */
  web: string;
};

/**
 * Reads the position that the client has seen, if it is one of this log. Beyond the head it is of a
 * future that was lost: there is nothing to wait for.
 */
function seenReader({ events }: App): (request: IncomingMessage) => Promise<number> {
  /** The log reached at least this far: only what is beyond it is worth another look. */
  let head = 0;
  return async ({ headers }) => {
    const [log, position] = String(headers["x-daybook-seen"] ?? "").split(":");
    const seen = Number(position);
    if (log !== events.logId || !Number.isSafeInteger(seen) || seen <= 0) return 0;
    if (seen > head) head = await events.head();
    return seen > head ? 0 : seen;
  };
}

/** Hands tRPC's requests past the framework, whose hooks cost more than most procedures. */
function serverOf(trpc: ReturnType<typeof trpcHandler>, others: RequestListener): Server {
  const server = createHttpServer((request, response) =>
    trpc.takes(request) ? trpc.handle(request, response) : others(request, response),
  );
  server.requestTimeout = REQUEST_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

/** The HTTP server: tRPC, live updates, health, and the web app. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { app, host, logger, health } = options;
  const url = options.url();
  const secure = url.startsWith("https:");
  const { mailbox, newId } = options;
  const local = isLocal({ host, url });
  const showSecrets = options.showSecrets && local;
  const headers = securityHeaders(secure);
  const onLiveError = (error: unknown) => logger.error({ err: error }, "live updates");
  const live = startLive(app, onLiveError);
  const originOf = originReader(options.trustProxy);
  const refuses = guard(host, url);
  const seenBy = seenReader(app);

  async function createContext({ request, origin, headers }: Exchange): Promise<Context> {
    const token = readSessionCookie(request, secure);
    // A page that only updates itself does not keep a session alive: a person has to do something.
    const keepAlive = request.headers["x-daybook-idle"] === undefined;
    const principal = token ? await authenticate(app, token, { keepAlive }) : undefined;
    const seen = await seenBy(request);
    return {
      ...{ app, mailbox, showSecrets, newId, url: options.url, principal, token, seen },
      projections: health.projections,
      views: principal && reader(app, principal.membership.organization, seen),
      ip: origin.ip,
      userAgent: request.headers["user-agent"]?.slice(0, 300),
      setSession: (session) => {
        headers.push(sessionCookie(session, secure));
        if (token) live.recheck((connection) => connection.token === token).catch(onLiveError);
      },
    };
  }

  const trpc = trpcHandler({
    router: appRouter,
    queries: app.took.queries,
    ...{ createContext, originOf, refuses, headers, bodyMaxBytes: BODY_MAX, errorOf: asTrpcError },
    onError: (error, path) =>
      logger.error({ err: error.cause ?? error, path }, "a procedure failed"),
  });
  const server = Fastify({
    serverFactory: (others) => serverOf(trpc, others),
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_MAX,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 4000 },
    // An address that cannot be decoded is refused before any hook: it gets our headers here.
    frameworkErrors: (error, _, reply) => answerError(error, reply.headers(headers), logger),
  });

  server.addHook("onRequest", async ({ raw }, reply) => {
    reply.headers(headers);
    const refusal = refuses(raw, originOf(raw));
    if (refusal) return reply.code(403).send(forbiddenBody(refusal));
    return undefined;
  });
  server.addHook("onClose", () => live.close());
  server.setErrorHandler((error, _, reply) => answerError(error as Error, reply, logger));

  routeLive(server, live, secure);
  routeHealth(server, health, local);
  if (local) routeMetrics(server, health);
  routeExports(server, ({ raw }) =>
    createContext({ request: raw, origin: originOf(raw), headers: [] }),
  );
  await routeWeb(server, options.web);
  return server;
}

/** Answers what a route threw in the shape that procedures answer with. */
function answerError(thrown: Error & { statusCode?: number }, reply: FastifyReply, logger: Logger) {
  const failure = httpError(thrown) ?? asTrpcError(thrown);
  const status = getHTTPStatusCodeFromError(failure);
  if (status >= 500) logger.error({ err: thrown }, "a request failed");
  const config = appRouter._def._config;
  const shape = { config, error: failure, path: undefined, input: undefined, ctx: undefined };
  return reply.code(status).send({ error: getTRPCErrorShape({ ...shape, type: "unknown" }) });
}

/** What the framework refuses by a status. */
function httpError({ statusCode, message }: Error & { statusCode?: number }) {
  if (statusCode === undefined || statusCode >= 500) return undefined;
  const codes: Readonly<Record<number, TRPC_ERROR_CODE_KEY>> = {
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
  };
  return new TRPCError({ code: codes[statusCode] ?? "BAD_REQUEST", message });
}

function routeLive(server: FastifyInstance, live: Live, secure: boolean) {
  server.get("/live", async (request, reply) => {
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value as string);
    await live.open(readSessionCookie(request.raw, secure), reply.raw);
    reply.hijack();
    return reply;
  });
}
