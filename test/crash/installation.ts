import { cp } from "node:fs/promises";
import type { StoreSettings } from "@daybook/adapters";
import { type App, createPerson, openApp, setUp } from "@daybook/application";
import type { Role } from "@daybook/domain";
import { v7 } from "uuid";
import { personNamed } from "../support/client.ts";
import { dataFolder, removeFolder, type SpawnedServer, spawnServer } from "../support/server.ts";
import type { Person } from "./journal.ts";

/** An installation whose server is killed and started again; clients find the one that runs. */
export type Installation = {
  data: string;
  /** The address of the server that runs, once one does. */
  url: () => Promise<string>;
  /** Starts a server, by another entry where one is given. */
  start: (env?: Record<string, string>, entry?: string) => SpawnedServer;
  /** When the last server was started, in the form that events carry. */
  startedAt: () => string;
  /** The addresses that tell how far the projections and reactions are. */
  monitors: () => Promise<readonly string[]>;
  /** Opens a copy of what it holds, to look at it. */
  opened: (now: () => Date) => Promise<App>;
  /** Ends the server that runs, if one does, and waits until it has ended. */
  end: (signal: NodeJS.Signals) => Promise<void>;
};

export function openInstallation(data: string, settings: Record<string, string>): Installation {
  let up = Promise.withResolvers<string>();
  let server: SpawnedServer | undefined;
  let startedAt = "";
  return {
    data,
    url: () => up.promise,
    startedAt: () => startedAt,
    monitors: async () => [await up.promise],
    opened: async (now) => {
      const copy = await dataFolder();
      await cp(data, copy, { recursive: true });
      const app = await openApp({ data: copy, key: undefined }, now);
      return {
        ...app,
        close: async () => {
          await app.close();
          await removeFolder(copy);
        },
      };
    },
    start: (env = {}, entry) => {
      startedAt = new Date().toISOString();
      const started = spawnServer(
        { PORT: "0", DAYBOOK_DATA: data, ...settings, ...env },
        entry ? { entry } : {},
      );
      server = started;
      const mine = up;
      started.running.then((url) => url && mine.resolve(url));
      started.exited.then(async () => {
        // Who waits for a server goes on waiting for the next one.
        if (await started.running) up = Promise.withResolvers();
      });
      return started;
    },
    end: async (signal) => {
      server?.child.kill(signal);
      await server?.exited;
    },
  };
}

/** Who the clients of a crash test sign in as, all with the same password. */
export const PASSWORD = "not-even-sigkill-loses-it";
export const ADMINISTRATORS = ["admin", "second.admin"] as const;
export const AUDITOR = "the.auditor";
const MEMBERS = ["member.one", "member.two", "member.three"] as const;

/**
 * Makes the organization and its first people, before any server runs on it. Returns those who
 * stay as they are, and where the log ends.
 */
export async function prepare(stores: StoreSettings): Promise<{ people: Person[]; head: number }> {
  const app = await openApp(stores, () => new Date());
  try {
    const { phone: _, role: __, ...first } = personNamed(ADMINISTRATORS[0]);
    const home = { code: "home", name: "Crash test" };
    const { organization, user } = await setUp(app, home, { ...first, password: PASSWORD });
    async function create(name: string, role: Role): Promise<Person> {
      const identity = { ...personNamed(name), role };
      const actor = { kind: "user", id: user } as const;
      const envelope = { commandId: v7(), actor, organization };
      const made = await createPerson(app, { ...identity, password: PASSWORD }, envelope);
      const shown = { ...identity, status: "active" } as const;
      return { id: made.user, shown, password: PASSWORD, links: 0, tries: 0 };
    }
    await create(ADMINISTRATORS[1], "administrator");
    await create(AUDITOR, "auditor");
    const people: Person[] = [];
    for (const name of MEMBERS) people.push(await create(name, "member"));
    return { people, head: await app.events.head() };
  } finally {
    await app.close();
  }
}
