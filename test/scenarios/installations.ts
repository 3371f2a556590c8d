import { run } from "../../apps/cli/src/run.fixture.ts";
import { startEngines } from "../support/engines.ts";
import type { temporaryFolder } from "../support/folder.ts";
import { mailServer } from "../support/mail-server.ts";
import { type SpawnedServer, spawnServer } from "../support/server.ts";

/** An installation of the whole product, which people and operators use as they would anywhere. */
export type Installation = {
  /** The addresses of its APIs: what is done at one must hold at the others. */
  urls: () => readonly string[];
  mails: Awaited<ReturnType<typeof mailServer>>;
  /** Runs an operator's command. */
  daybook: (args: readonly string[], input?: string) => ReturnType<typeof run>;
  /** Ends all its processes and starts them again. */
  restart: () => Promise<void>;
  close: () => Promise<void>;
};

type Place = ReturnType<typeof temporaryFolder>;
type Role = "all" | "api" | "worker";

async function addressOf(server: SpawnedServer): Promise<string | undefined> {
  const url = await server.running;
  if (server.child.exitCode !== null) throw new Error(server.output());
  return url;
}

async function installation(
  data: string,
  roles: readonly Role[],
  settings: Record<string, string> = {},
): Promise<Installation> {
  const mails = await mailServer();
  const env = { DAYBOOK_DEMO: "0", SMTP_URL: mails.url, ...settings };
  let servers: SpawnedServer[] = [];
  let urls: string[] = [];
  async function start() {
    servers = roles.map((role) => spawnServer({ ...env, DAYBOOK_DATA: data, PORT: "0" }, { role }));
    const found = await Promise.all(servers.map(addressOf));
    urls = found.filter((url) => url !== undefined);
  }
  async function end() {
    for (const { child } of servers) child.kill("SIGTERM");
    await Promise.all(servers.map(({ exited }) => exited));
  }
  await start();
  return {
    ...{ urls: () => urls, mails },
    daybook: (args, input = "") => run(data, args, { ...env, input }),
    restart: async () => {
      await end();
      await start();
    },
    close: async () => {
      await end();
      await mails.close();
    },
  };
}

type Open = (place: Place, settings?: Record<string, string>) => Promise<Installation>;

/** What an installation runs on, and how one is made in a test's place. */
const all: Record<string, Open> = {
  "the embedded stores": (place, settings) =>
    place.opened(installation(place.file("data"), ["all"], settings)),
  "EventStoreDB, MongoDB and Redis": async (place, settings) => {
    const { env } = await place.opened(startEngines(place.path()));
    const roles = ["api", "api", "worker", "worker"] as const;
    return place.opened(installation(place.file("data"), roles, { ...env, ...settings }));
  },
};

/** The installations to test: TEST_ENGINES is the beginning of one's name, else it is all of them. */
export const installations = Object.entries(all).filter(([name]) =>
  name.startsWith(process.env.TEST_ENGINES ?? ""),
);
