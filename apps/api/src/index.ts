export { type AppRouter, appRouter } from "./router.ts";
export { createServer, type ServerOptions } from "./server.ts";
