import { ConfigError, openStores, readConfig } from "@daybook/adapters";
import { type Logger, pino } from "pino";
import { v7 as newId } from "uuid";
import { type Role, roles, serve } from "./serve.ts";

/** The product's entry: where the clock, random ids, the environment and the terminal come in. */

/** How long a stop waits for what is under way. */
const STOP_MS = 10_000;

function readRole([given = "all"]: readonly string[]): Role {
  const role = roles.find((one) => one === given);
  if (role) return role;
  throw new ConfigError(`${given} is no part of the program: it is one of ${roles.join(", ")}`);
}

/** What it takes to send traces is much, and loaded only where they are asked for. */
async function traceAs(service: string, logger: Logger) {
  const { startTraces } = await import("./traces.ts");
  return startTraces(service, logger);
}

async function start() {
  const role = readRole(process.argv.slice(2));
  const config = readConfig(process.env);
  const logger = pino({ level: config.log });
  // The last resort: what nobody awaited is logged, and does not end the process.
  process.on("unhandledRejection", (error) => logger.error({ err: error }, "in the background"));

  const endTraces = process.env.OTEL_EXPORTER_OTLP_ENDPOINT
    ? await traceAs(role === "all" ? "daybook" : `daybook-${role}`, logger)
    : async () => {};

  const serving = serve(config, role, {
    now: () => new Date(),
    newId,
    logger,
    openStores,
    throughMailer: (mailer) => mailer,
    say: (line) => process.stdout.write(`${line}\n`),
    warn: (line) => process.stderr.write(`daybook: ${line}\n`),
  });

  let stopping = false;
  async function stop() {
    if (stopping) return;
    stopping = true;
    // Whatever hangs, the process ends: everything answered is stored already.
    setTimeout(() => process.exit(1), STOP_MS).unref();
    const stopServing = await serving;
    await stopServing();
    await endTraces();
    process.exit(0);
  }
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  await serving;
}

/** What went wrong, in a line for whoever started it. */
function explain(error: Error & { code?: string; port?: number }): string {
  if (error.code === "EADDRINUSE") return `PORT: ${error.port} is in use by another program.`;
  if (error.code === "EACCES") return `PORT: ${error.port} may not be listened on.`;
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    return `HOST: ${process.env.HOST} is no address of this machine.`;
  return error.message;
}

start().catch((error: Error) => {
  process.stderr.write(`daybook: ${explain(error)}\n`);
  process.exit(1);
});
