import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  ConfigError,
  inProcessQueue,
  isLoopback,
  lockFolder,
  mailbox,
  prepareFolder,
  readConfig,
  smtpMailer,
} from "@daybook/adapters";
import { createServer } from "@daybook/api";
import { findSetUp, openApp, type SetUp } from "@daybook/application";
import { startWorker } from "@daybook/worker";
import pino from "pino";
import { v7 as newId } from "uuid";
import { fillDemo, isDemo, setUpDemo } from "./demo.ts";

/**
 * The whole product in one process, on the embedded stores: the only place where the parts are
 * wired, and where the clock, random ids and the environment come in.
 */

const now = () => new Date();

/** How long a stop waits for what is under way. */
const STOP_MS = 10_000;

function say(line: string) {
  process.stdout.write(`${line}\n`);
}

async function start() {
  const config = readConfig(process.env);
  prepareFolder(config.data);
  const unlock = lockFolder(config.data);
  const logger = pino({ level: config.log });
  const onError = (error: unknown) => logger.error({ err: error }, "in the background");

  // The last resort: what nobody awaited is logged, and does not end the process.
  process.on("unhandledRejection", onError);

  const app = await openApp(config, now);
  const first = config.demo && (await app.events.head()) === 0;
  const setup = first ? await setUpDemo(app) : undefined;

  const host = config.host.includes(":") ? `[${config.host}]` : config.host;
  let url = config.url ?? `http://${host}:${config.port}`;
  const box = config.smtpUrl
    ? undefined
    : mailbox(join(config.data, "mailbox"), config.mailFrom, now);
  const mailer = config.smtpUrl ? smtpMailer(config.smtpUrl, config.mailFrom) : box;
  if (!mailer) throw new ConfigError("SMTP_URL: no way to send mail.");
  const queue = inProcessQueue(now, onError);
  const { signInDays } = config;
  const worker = await startWorker({
    app,
    mailer,
    queue,
    url: () => url,
    signInDays,
    newId,
    onError,
  });
  await worker.runner.inlineReady;

  const server = await createServer({
    app,
    mailbox: box,
    showSecrets: isLoopback(config.host),
    newId,
    host: config.host,
    url,
    trustProxy: config.trustProxy,
    logger,
    health: { app, runner: worker.runner, work: worker.status },
    web: join(import.meta.dirname, "../../admin-web/dist"),
  });
  await server.listen({ host: config.host, port: config.port });
  const { port } = server.server.address() as AddressInfo;
  const listensOn = `http://${host}:${port}`;
  if (!config.url) url = listensOn;

  const found = setup ?? (await findSetUp(app));
  if (found && isDemo(found)) await fillDemo(app, found);
  greet(url, listensOn, found, box ? "/mail" : undefined, mailer.destination);

  let stopping = false;
  async function stop() {
    if (stopping) return;
    stopping = true;
    // Whatever hangs, the process ends: everything answered is stored already.
    setTimeout(() => process.exit(1), STOP_MS).unref();
    await server.close();
    await worker.stop();
    await mailer?.close();
    await app.close();
    unlock();
    process.exit(0);
  }
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

function greet(
  url: string,
  listensOn: string,
  setup: SetUp | undefined,
  mailboxPath: string | undefined,
  destination: string,
) {
  say(`Daybook is running at ${url}${url === listensOn ? "" : `, listening on ${listensOn}`}`);
  if (!setup) say("There is nobody yet: make the first administrator with  npx daybook setup");
  // Made for whoever tries the product; another administrator was told theirs once.
  else if (isDemo(setup) && setup.password)
    say(`Sign in as ${setup.username} with the password ${setup.password}`);
  say(
    mailboxPath
      ? `Mail is kept in ${destination}, to be read at ${url}${mailboxPath}`
      : `Mail is sent by ${destination}`,
  );
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
