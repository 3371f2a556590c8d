import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { openParts, type StoreSettings } from "@daybook/adapters";
import { type App, createPerson, openApp, setUp, signIn, startRunner } from "@daybook/application";
import { catalogue, ERASED, type RecordedEvent, user } from "@daybook/domain";
import { v7 } from "uuid";
import { personNamed } from "./client.ts";
import { eventually } from "./eventually.ts";
import { differencesFromLog } from "./verified.ts";

const main = join(import.meta.dirname, "../../apps/cli/src/main.ts");
const PASSWORD = "violet anchors drift slowly";
/** From where everybody acts. */
const ADDRESS = "198.51.100.23";
const administrator = {
  ...{ username: "ada", email: "ada@test.example", firstName: "Ada", lastName: "Lovelace" },
};

/** Opens an installation for as long as something is done with it. */
export async function using<T>(
  settings: StoreSettings,
  use: (app: App) => Promise<T>,
  now = () => new Date(),
): Promise<T> {
  const app = await openApp(settings, now);
  try {
    return await use(app);
  } finally {
    await app.close();
  }
}

/** The envelope of a command of a person of the installation that was set up. */
const about = (organization: string, person: string) => ({
  ...{ commandId: v7(), organization, actor: { kind: "user", id: person } as const },
  ...{ subject: person, ip: ADDRESS },
});

/** Records that somebody changed their name, so often. */
export async function rename(app: App, organization: string, person: string, times: number) {
  for (let n = 0; n < times; n++) {
    const data = { firstName: "Ada", lastName: `Lovelace ${"abcdefghij"[n % 10]}` };
    await app.execute(user, person, { type: "RenameUser", data }, about(organization, person));
  }
}

/** Sets up an installation with two people, one of them erased, and a history of some length. */
export async function fill(app: App, renames = 30) {
  const made = await setUp(
    app,
    { code: "acme", name: "Acme" },
    { ...administrator, password: PASSWORD },
  );
  const { organization } = made;
  const person = { ...personNamed("grace"), password: PASSWORD };
  const grace = await createPerson(app, person, about(organization, made.user));
  for (let n = 0; n < renames; n += 2) {
    await rename(app, organization, made.user, 1);
    await rename(app, organization, grace.user, 1);
  }
  await app.keyring.erase(grace.user, new Date());
  return { organization, ada: made.user, grace: grace.user };
}

export type Filled = Awaited<ReturnType<typeof fill>>;

export const signInAs = (app: App, name: string) =>
  signIn(
    app,
    { name, password: PASSWORD },
    { commandId: v7(), actor: { kind: "system", id: "test" } },
  );

/** The log as it is stored, without where it stands. */
export async function storedLog(
  settings: StoreSettings,
): Promise<Omit<RecordedEvent, "position">[]> {
  await using opened = new AsyncDisposableStack();
  const { log } = await openParts(settings, opened);
  const events = await Array.fromAsync(log.readAll());
  return events.map(({ position: _, ...event }) => event);
}

/** What of an installation does not work: nothing of one that was moved as a whole. */
export async function problemsOf(
  settings: StoreSettings,
  { ada, grace }: Filled,
): Promise<string[]> {
  return using(settings, async (app) => {
    const head = await app.events.head();
    const runner = await startRunner({ ...app, catalogue, onError: () => {} });
    await eventually(async () =>
      runner.status().every(({ state, position }) => state === "live" && position >= head)
        ? true
        : undefined,
    );
    await runner.stop();
    const problems = await differencesFromLog(app);
    for await (const { id, type, data, meta } of app.events.readAll()) {
      const ip = meta.actor.id === grace ? ERASED : ADDRESS;
      if (meta.ip !== undefined && meta.ip !== ip)
        problems.push(`${type} ${id} is from ${meta.ip}`);
      if (type === "UserRenamed" && (data.firstName === ERASED) !== (meta.subject === grace))
        problems.push(`${type} ${id} is of ${data.firstName}`);
    }
    const signedIn = await signInAs(app, "ada");
    if (signedIn.user !== ada) problems.push(`ada signs in as ${signedIn.user}`);
    return problems;
  });
}

const variables = ({ data, key, eventStoreUrl, mongodbUrl }: StoreSettings) => ({
  ...{ DAYBOOK_DATA: data, DAYBOOK_KEY: key ?? "" },
  ...{ EVENTSTORE_URL: eventStoreUrl ?? "", MONGODB_URL: mongodbUrl ?? "" },
});

/** Starts the operator's command as a process that can be killed. */
export function startMigrating(source: StoreSettings, target: StoreSettings) {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", main, "migrate", "--to-data", target.data],
    {
      env: {
        ...process.env,
        ...variables(source),
        TARGET_EVENTSTORE_URL: target.eventStoreUrl ?? "",
        TARGET_MONGODB_URL: target.mongodbUrl ?? "",
      },
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, output }));
  return { child, ended };
}

/** A process that was killed leaves a file that the next one has to recover. */
const PATIENCE_MS = 10_000;

/** How many events a log's file holds, which another process writes. */
export function countIn(file: string): number {
  if (!existsSync(file)) return 0;
  using db = new DatabaseSync(file, { readOnly: true, timeout: PATIENCE_MS });
  const { n } = db
    .prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'events'")
    .get() as {
    n: number;
  };
  return n && (db.prepare("SELECT count(*) AS n FROM events").get() as { n: number }).n;
}

/** Kills a migration once the target's log holds so many events. Returns what it said if it ended. */
export async function killAt(
  events: number,
  { child, ended }: ReturnType<typeof startMigrating>,
  file: string,
) {
  while (child.exitCode === null && countIn(file) < events) await delay(5);
  const isOver = child.exitCode !== null;
  child.kill("SIGKILL");
  const { output } = await ended;
  return isOver ? output : undefined;
}
