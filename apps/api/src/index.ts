export type { HealthParts } from "./http/health.ts";
export { startMonitor } from "./http/monitor.ts";
export { type AppRouter, appRouter } from "./router.ts";
export { createServer, type ServerOptions } from "./server.ts";
