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
  openBullQueue,
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
} from "@daybook/application";
import { startWorker } from "@daybook/worker";
import type { Logger } from "pino";
import { fillDemo, isDemo, isForDemo, setUpDemo } from "./demo.ts";
import { greeting } from "./greeting.ts";

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

/** Where mail goes, and the mailbox that keeps it where there is no mail server. */
function openMail(config: Config, { now, throughMailer }: Outside) {
  const box = config.smtpUrl
    ? undefined
    : mailbox(join(config.data, "mailbox"), config.mailFrom, now);
  const mailer = throughMailer(
    box ?? smtpMailer(config.smtpUrl as string, config.mailFrom, config.dkim),
  );
  return { box, mailer };
}

type Api = { app: App; config: Config; outside: Outside; health: HealthParts };

/** Starts the API with the web app; returns where it listens, and what stops it. */
async function startApi({ app, config, outside, health }: Api, box: Mailbox | undefined) {
  const { newId, logger } = outside;
  const { host, port, trustProxy } = config;
  const server = await createServer({
    ...{
      app,
      mailbox: box,
      showSecrets: isLoopback(host),
      newId,
      host,
      trustProxy,
      logger,
      health,
    },
    url: config.url ?? `http://${hostOf(config)}:${port}`,
    web: join(import.meta.dirname, "../../admin-web/dist"),
  });
  await server.listen({ host, port });
  const listening = server.server.address() as AddressInfo;
  return { listensOn: `http://${hostOf(config)}:${listening.port}`, close: () => server.close() };
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
  const { now, newId, logger, say } = outside;
  requireShared(config, role);
  prepareFolder(config.data);
  const stopping: (() => unknown)[] = [];
  if (usesFolder(config)) stopping.push(lockFolder(config.data));
  const onError = (error: unknown) => logger.error({ err: error }, "in the background");

  const app = await appOver(await outside.openStores(config), now);
  stopping.push(app.close);
  for (const notice of app.notices) outside.warn(notice);
  const setup = config.demo && (await isForDemo(app)) ? await setUpDemo(app) : undefined;

  let url = config.url ?? `http://${hostOf(config)}:${config.port}`;
  const health: HealthParts = { app, projections: () => projectionStatus(app) };
  const { box, mailer } = openMail(config, outside);
  stopping.push(mailer.close);
  if (role !== "api") {
    const queue = config.redisUrl
      ? await openBullQueue(config.redisUrl, {
          ...{ name: "mail", now, onError, warn: outside.warn },
        })
      : inProcessQueue(now, onError);
    const worker = await startWorker({
      ...{ app, mailer, queue, url: () => url, signInDays: config.signInDays, newId, onError },
    });
    stopping.push(worker.stop);
    Object.assign(health, { queue, projections: worker.projections, work: worker.status });
    await worker.inlineReady;
  } else await inlineReached(app);

  if (config.metricsPort !== undefined) {
    const monitor = await startMonitor(health, config.host, config.metricsPort);
    stopping.push(monitor.close);
    say(`Monitors are answered at http://${hostOf(config)}:${monitor.port}`);
  }
  if (role === "worker") {
    say("Daybook's worker is running");
    say(`Mail is sent by ${mailer.destination}`);
  } else {
    const api = await startApi({ app, config, outside, health }, box);
    stopping.push(api.close);
    if (!config.url) url = api.listensOn;
    const found = setup ?? (await findSetUp(app));
    if (found && isDemo(found)) await fillDemo(app, found);
    const { destination } = mailer;
    for (const line of greeting({
      url,
      ...api,
      setup: found,
      destination,
      kept: box !== undefined,
    }))
      say(line);
  }

  return async () => {
    for (const stop of stopping.toReversed()) await stop();
  };
}
