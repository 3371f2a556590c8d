import { authenticate } from "@daybook/application";
import { Refusal } from "@daybook/domain";
import { getTRPCErrorShape, TRPCError } from "@trpc/server";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import type { Logger } from "pino";
import type { ApiOptions, Context } from "./context.ts";
import { readSessionCookie, writeSessionCookie } from "./http/cookies.ts";
import { guard, isLocal, securityHeaders } from "./http/guard.ts";
import { type HealthParts, readiness } from "./http/health.ts";
import { trpcHandler } from "./http/trpc-handler.ts";
import { acceptEmptyJson } from "./http/trpc-request.ts";
import { routeWeb } from "./http/web.ts";
import { type Live, startLive } from "./live.ts";
import { appRouter } from "./router.ts";

/** The largest form is far below it. */
const BODY_MAX = 256 * 1024;
/** A request that is not here by then was cut off. */
const REQUEST_MS = 30_000;

export type ServerOptions = ApiOptions & {
  /** The address it listens on. */
  host: string;
  /** The address people use. */
  url: string;
  trustProxy: string | undefined;
  logger: Logger;
  health: HealthParts;
  /** The folder of the built web app. */
  web: string;
};

/** The position the client has seen, if it is one of this log. */
function seenPosition({ headers }: FastifyRequest, logId: string): number {
  const [log, position] = String(headers["x-daybook-seen"] ?? "").split(":");
  const seen = Number(position);
  return log === logId && Number.isSafeInteger(seen) && seen > 0 ? seen : 0;
}

/** The HTTP server: tRPC, live updates, health, and the web app. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { app, logger, health } = options;
  const secure = options.url.startsWith("https:");
  const local = isLocal(options);
  const headers = securityHeaders(secure);
  const onLiveError = (error: unknown) => logger.error({ err: error }, "live updates");
  const live = startLive(app, onLiveError);
  const server = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_MAX,
    requestTimeout: REQUEST_MS,
    trustProxy: options.trustProxy ?? false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 4000 },
    // An address that cannot be decoded is refused before any hook: it gets our headers here.
    frameworkErrors: (error, _, reply) => answerError(error, reply.headers(headers), logger),
  });

  async function createContext(request: FastifyRequest, reply: FastifyReply): Promise<Context> {
    const token = readSessionCookie(request, secure);
    // A page that only updates itself does not keep a session alive: a person has to do something.
    const keepAlive = request.headers["x-daybook-idle"] === undefined;
    const seen = seenPosition(request, app.events.logId);
    return {
      ...options,
      showSecrets: options.showSecrets && local,
      principal: token ? await authenticate(app, token, { keepAlive }) : undefined,
      token,
      // Beyond the head it is of a future that was lost: there is nothing to wait for.
      seen: seen > 0 && seen > (await app.events.head()) ? 0 : seen,
      ip: request.ip,
      userAgent: request.headers["user-agent"]?.slice(0, 300),
      setSession: (session) => {
        writeSessionCookie(reply, session, secure);
        if (token) live.recheck((connection) => connection.token === token).catch(onLiveError);
      },
    };
  }

  server.addHook("onRequest", async (_, reply) => {
    reply.headers(headers);
  });
  server.addHook("onRequest", guard(options.host, options.url));
  server.addHook("onClose", () => live.close());
  server.setErrorHandler((error, _, reply) => answerError(error as Error, reply, logger));

  const onTrpcError = (error: TRPCError, path: string | undefined) =>
    logger.error({ err: error.cause ?? error, path }, "a procedure failed");
  acceptEmptyJson(server);
  const trpc = trpcHandler(appRouter, createContext, onTrpcError);
  server.route({ method: ["GET", "POST"], url: "/trpc/*", handler: trpc });
  routeLive(server, live, secure);
  routeHealth(server, health, local);
  await routeWeb(server, options.web);
  return server;
}

function answerError(error: Error & { statusCode?: number }, reply: FastifyReply, logger: Logger) {
  const status = error.statusCode ?? 500;
  const codes = {
    400: "BAD_REQUEST",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    500: "INTERNAL_SERVER_ERROR",
  } as const;
  const code = codes[status as keyof typeof codes] ?? (status < 500 ? "BAD_REQUEST" : codes[500]);
  if (status >= 500) logger.error({ err: error }, "a request failed");
  const failure = new TRPCError({ code, message: status < 500 ? error.message : "server/failed" });
  const config = appRouter._def._config;
  const shape = { config, error: failure, type: "unknown", path: undefined, input: undefined };
  return reply
    .code(status)
    .send({ error: getTRPCErrorShape({ ...shape, ctx: undefined, type: "unknown" }) });
}

function routeLive(server: FastifyInstance, live: Live, secure: boolean) {
  server.get("/live", async (request, reply) => {
    try {
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) reply.raw.setHeader(name, value as string);
      await live.open(readSessionCookie(request, secure), reply.raw);
      reply.hijack();
      return reply;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const status = { limited: 429, forbidden: 403 }[error.kind as string] ?? 401;
      return reply.code(status).send({ error: error.code });
    }
  });
}

function routeHealth(server: FastifyInstance, health: HealthParts, local: boolean) {
  server.get("/health/live", async () => ({ status: "ok" }));
  server.get("/health/ready", async (_, reply) => {
    const report = await readiness(health);
    reply.code(report.status === "unavailable" ? 503 : 200);
    // How it looks inside is for whoever is on the machine (ASVS 13.4.5).
    return local ? report : { status: report.status };
  });
}
