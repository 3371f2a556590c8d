export type { AppRouter } from "./router.ts";
export { createServer, type ServerOptions } from "./server.ts";
