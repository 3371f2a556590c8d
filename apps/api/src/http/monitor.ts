import type { AddressInfo } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { type HealthParts, readiness } from "./health.ts";
import { metricsOf } from "./metrics.ts";

/** Whether it is alive and ready. How it looks inside is shown only where `inside` is set. */
export function routeHealth(server: FastifyInstance, health: HealthParts, inside: boolean): void {
  const look = readiness(health);
  server.get("/health/live", async () => ({ status: "ok" }));
  server.get("/health/ready", async (_, reply) => {
    const report = await look();
    reply.code(report.status === "unavailable" ? 503 : 200);
    return inside ? report : { status: report.status };
  });
}

/** How it looks inside is not for whoever can reach the server (ASVS 13.4.5). */
export function routeMetrics(server: FastifyInstance, health: HealthParts): void {
  const metrics = metricsOf(health);
  server.get("/metrics", async (_, reply) =>
    reply.type(metrics.contentType).send(await metrics.read()),
  );
}

export type Monitor = { port: number; close: () => Promise<void> };

/** Answers monitors on a port of their own, which is not for the outside: health and metrics. */
export async function startMonitor(
  health: HealthParts,
  host: string,
  port: number,
): Promise<Monitor> {
  const server = Fastify();
  routeHealth(server, health, true);
  routeMetrics(server, health);
  await server.listen({ host, port });
  return { port: (server.server.address() as AddressInfo).port, close: () => server.close() };
}
