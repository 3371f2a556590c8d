import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  type Config,
  inProcessQueue,
  isLoopback,
  lockFolder,
  type Mailer,
  mailbox,
  prepareFolder,
  type Stores,
  smtpMailer,
} from "@daybook/adapters";
import { createServer } from "@daybook/api";
import { appOver, findSetUp, type SetUp } from "@daybook/application";
import { startWorker } from "@daybook/worker";
import type { Logger } from "pino";
import { fillDemo, isDemo, isForDemo, setUpDemo } from "./demo.ts";

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

/** The address it listens on, as it stands in a URL. */
const hostOf = ({ host }: Config): string => (host.includes(":") ? `[${host}]` : host);

/**
 * Runs the whole product in one process, on the embedded stores. Returns what stops it; throws
 * ConfigError, and what listening throws.
 */
export async function serve(config: Config, outside: Outside): Promise<() => Promise<void>> {
  const { now, newId, logger, say } = outside;
  prepareFolder(config.data);
  const unlock = lockFolder(config.data);
  const onError = (error: unknown) => logger.error({ err: error }, "in the background");

  const app = await appOver(await outside.openStores(config), now);
  for (const notice of app.notices) outside.warn(notice);
  const setup = config.demo && (await isForDemo(app)) ? await setUpDemo(app) : undefined;

  let url = config.url ?? `http://${hostOf(config)}:${config.port}`;
  const box = config.smtpUrl
    ? undefined
    : mailbox(join(config.data, "mailbox"), config.mailFrom, now);
  const mailer = outside.throughMailer(
    box ?? smtpMailer(config.smtpUrl as string, config.mailFrom, config.dkim),
  );
  const worker = await startWorker({
    ...{ app, mailer, queue: inProcessQueue(now, onError), url: () => url },
    ...{ signInDays: config.signInDays, newId, onError },
  });
  await worker.runner.inlineReady;

  const server = await createServer({
    ...{ app, mailbox: box, showSecrets: isLoopback(config.host), newId, host: config.host, url },
    ...{ trustProxy: config.trustProxy, logger },
    health: { app, runner: worker.runner, work: worker.status },
    web: join(import.meta.dirname, "../../admin-web/dist"),
  });
  await server.listen({ host: config.host, port: config.port });
  const { port } = server.server.address() as AddressInfo;
  const listensOn = `http://${hostOf(config)}:${port}`;
  if (!config.url) url = listensOn;

  const found = setup ?? (await findSetUp(app));
  if (found && isDemo(found)) await fillDemo(app, found);
  for (const line of greeting(url, listensOn, found, mailer.destination, box !== undefined))
    say(line);

  return async () => {
    await server.close();
    await worker.stop();
    await mailer.close();
    await app.close();
    unlock();
  };
}

function greeting(
  url: string,
  listensOn: string,
  setup: SetUp | undefined,
  destination: string,
  kept: boolean,
): string[] {
  const running = `Daybook is running at ${url}${url === listensOn ? "" : `, listening on ${listensOn}`}`;
  const mail = kept
    ? `Mail is kept in ${destination}, to be read at ${url}/mail`
    : `Mail is sent by ${destination}`;
  if (!setup)
    return [
      running,
      "There is nobody yet: make the first administrator with  npx daybook setup",
      mail,
    ];
  // Made for whoever tries the product; another administrator was told theirs once.
  if (isDemo(setup) && setup.password)
    return [running, `Sign in as ${setup.username} with the password ${setup.password}`, mail];
  return [running, mail];
}
