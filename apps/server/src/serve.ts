import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  type Config,
  ConfigError,
  inProcessQueue,
  isLoopback,
  lockFolder,
  type Mailbox,
  type Mailer,
  mailbox,
  prepareFolder,
  type Stores,
  smtpMailer,
  usesFolder,
} from "@daybook/adapters";
import { createServer, type HealthParts, startMonitor } from "@daybook/api";
import {
  type App,
  appOver,
  findSetUp,
  inlineReached,
  projectionStatus,
  type SetUp,
} from "@daybook/application";
import { startWorker } from "@daybook/worker";
import type { Logger } from "pino";
import { fillDemo, isDemo, isForDemo, setUpDemo } from "./demo.ts";
import { greeting, greetingOfWorker } from "./greeting.ts";

/** What the program is given from outside: the clock, random ids, and the engines. */
export type Outside = {
  now: () => Date;
  newId: () => string;
  logger: Logger;
  openStores: (config: Config) => Promise<Stores>;
  /** Stands between the sender and the mail server; the faults of tests come in here. */
  throughMailer: (mailer: Mailer) => Mailer;
  /** Says a line to whoever started the program. */
  say: (line: string) => void;
  /** Says that something was found amiss, and mended. */
  warn: (line: string) => void;
};

/** What a process does: everything, or one part of it beside other processes. */
export const roles = ["all", "api", "worker"] as const;
export type Role = (typeof roles)[number];

/** The address it listens on, as it stands in a URL. */
const hostOf = ({ host }: Config): string => (host.includes(":") ? `[${host}]` : host);

/** Throws ConfigError where the parts cannot run apart. */
function requireShared(config: Config, role: Role): void {
  if (role === "all") return;
  if (usesFolder(config))
    throw new ConfigError(
      `the ${role} alone needs EVENTSTORE_URL and MONGODB_URL: the embedded stores serve one process`,
    );
  if (!config.smtpUrl)
    throw new ConfigError(
      `the ${role} alone needs SMTP_URL: a mailbox in a folder is that of one process`,
    );
}

/** What the parts of the program have in common in this process. */
type Process = {
  app: App;
  config: Config;
  outside: Outside;
  mailer: Mailer;
  /** Keeps mail where there is no mail server. */
  box: Mailbox | undefined;
  /** The address people use, for links: known once the server listens. */
  url: string;
  health: HealthParts;
};

const onErrorOf =
  ({ logger }: Outside) =>
  (error: unknown) =>
    logger.error({ err: error }, "in the background");

/** Where mail goes, and the mailbox that keeps it where there is no mail server. */
function openMail(config: Config, { now, throughMailer }: Outside) {
  const { smtpUrl, mailFrom, dkim, data } = config;
  const box = smtpUrl ? undefined : mailbox(join(data, "mailbox"), mailFrom, now);
  const mailer = throughMailer(box ?? smtpMailer(smtpUrl as string, mailFrom, dkim));
  return { box, mailer };
}

async function openQueue({ redisUrl }: Config, outside: Outside) {
  const { now, warn } = outside;
  const onError = onErrorOf(outside);
  if (!redisUrl) return inProcessQueue(now, onError);
  // Loaded only where it is used: it takes a while to import.
  const { openBullQueue } = await import("@daybook/adapters/bullmq");
  return openBullQueue(redisUrl, { name: "mail", now, onError, warn });
}

/** Starts what works behind the API; returns what stops it. */
async function runWorker(here: Process) {
  const { app, config, outside, mailer, health } = here;
  const queue = await openQueue(config, outside);
  const worker = await startWorker({
    ...{ app, mailer, queue, url: () => here.url, signInDays: config.signInDays },
    ...{ newId: outside.newId, onError: onErrorOf(outside) },
  });
  Object.assign(health, { queue, projections: worker.projections, work: worker.status });
  return worker;
}

/** Answers monitors, where they are given a port of their own. */
async function runMonitor({ config, outside, health }: Process) {
  if (config.metricsPort === undefined) return undefined;
  const monitor = await startMonitor(health, config.host, config.metricsPort);
  outside.say(`Monitors are answered at http://${hostOf(config)}:${monitor.port}`);
  return monitor;
}

/** Starts the API with the web app, and greets whoever started it; returns what stops it. */
async function runApi(here: Process, made: SetUp | undefined) {
  const { app, config, outside, mailer, box, health } = here;
  const { host, port, trustProxy } = config;
  const { newId, logger } = outside;
  const server = await createServer({
    ...{ app, mailbox: box, newId, host, url: () => here.url, trustProxy, logger, health },
    showSecrets: isLoopback(host),
    web: join(import.meta.dirname, "../../admin-web/dist"),
  });
  await server.listen({ host, port });
  const listening = server.server.address() as AddressInfo;
  const listensOn = `http://${hostOf(config)}:${listening.port}`;
  if (!config.url) here.url = listensOn;

  const setup = made ?? (await findSetUp(app));
  if (setup && isDemo(setup)) await fillDemo(app, setup);
  const { destination } = mailer;
  const kept = box !== undefined;
  for (const line of greeting({ url: here.url, listensOn, setup, destination, kept }))
    outside.say(line);
  return server;
}

/**
 * Runs the product, or the part of it that a role names. Returns what stops it; throws ConfigError,
 * and what listening throws.
 */
export async function serve(
  config: Config,
  role: Role,
  outside: Outside,
): Promise<() => Promise<void>> {
  requireShared(config, role);
  prepareFolder(config.data);
  const stops: (() => unknown)[] = [];
  if (usesFolder(config)) stops.push(lockFolder(config.data));
  const app = await appOver(await outside.openStores(config), outside.now);
  stops.push(app.close);
  for (const notice of app.notices) outside.warn(notice);
  const setup = config.demo && (await isForDemo(app)) ? await setUpDemo(app) : undefined;

  const mail = openMail(config, outside);
  stops.push(mail.mailer.close);
  const url = config.url ?? `http://${hostOf(config)}:${config.port}`;
  const health: HealthParts = { app, projections: () => projectionStatus(app) };
  const here: Process = { app, config, outside, ...mail, url, health };
  const worker = role === "api" ? undefined : await runWorker(here);
  if (worker) stops.push(worker.stop);
  const monitor = await runMonitor(here);
  if (monitor) stops.push(monitor.close);

  if (role === "worker")
    for (const line of greetingOfWorker(mail.mailer.destination)) outside.say(line);
  else {
    // What security rests on is up to date before anybody is answered.
    await (worker ? worker.inlineReady() : inlineReached(app));
    const server = await runApi(here, setup);
    stops.push(() => server.close());
  }
  return async () => {
    for (const stop of stops.toReversed()) await stop();
  };
}
