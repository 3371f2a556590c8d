import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Control, Faults } from "../eventstoredb/server/faults.ts";
import type { Order, Serving } from "../eventstoredb/server/main.ts";

const main = join(import.meta.dirname, "../eventstoredb/server/main.ts");

/** A process that serves logs over EventStoreDB's protocol, any number of them. */
async function startProcess() {
  const child = fork(main, { execArgv: ["--disable-warning=ExperimentalWarning"] });
  const gone = once(child, "exit");
  await Promise.race([once(child, "message"), gone]);
  const waiting = new Map<number, (ports: number[]) => void>();
  let asked = 0;
  child.on("message", ({ id, ports }: { id: number; ports: number[] }) => {
    waiting.get(id)?.(ports);
    waiting.delete(id);
  });
  return {
    tell: (order: Order): Promise<number[]> => {
      const id = ++asked;
      child.send({ id, order });
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    /** Ends it as a power cut does, and waits until it is gone. */
    kill: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

type Process = Awaited<ReturnType<typeof startProcess>>;

/** A connection string of the client, with all nodes. */
function urlOf({ user, tls }: Partial<Serving>, ports: readonly number[]): string {
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join();
  const security = tls ? `tlsCAFile=${encodeURIComponent(tls.cert)}` : "tls=false";
  return `esdb://${user ? `${user}@` : ""}${hosts}?${security}`;
}

export type ServerSettings = Omit<Serving, "folder" | "ports"> & {
  /** How many nodes there are, which serve the same log. */
  nodes?: number;
};

/**
 * Servers that share one process: where many are needed, and none is to be killed.
 *
 * @example
 * const { url } = await servers.serve(place.path());
 */
export function eventStoreDbs() {
  let starting: Promise<Process> | undefined;
  const serving = new Map<string, Promise<{ url: string; server: number }>>();

  async function open(folder: string, { nodes = 1, ...settings }: ServerSettings) {
    starting ??= startProcess();
    const { tell } = await starting;
    const free = Array.from({ length: nodes }, () => 0);
    const ports = await tell({ kind: "serve", serving: { folder, ports: free, ...settings } });
    return { url: urlOf(settings, ports), server: ports[0] as number };
  }

  return {
    /** The server of a folder, started where there is none yet. */
    serve: (folder: string, settings: ServerSettings = {}) => {
      const server = serving.get(folder) ?? open(folder, settings);
      serving.set(folder, server);
      return server;
    },
    /** Ends the servers that were started so far, but not the process. */
    stop: async () => {
      for (const one of serving.values())
        await (await starting)?.tell({ kind: "stop", server: (await one).server });
      serving.clear();
    },
    close: async () => (await starting)?.kill(),
  };
}

/**
 * Starts a server in a process of its own, on the log of a folder and free ports. It can be killed
 * and started again on the same, and misbehaves when it is told to.
 *
 * @example
 * const server = await startEventStoreDb(place.path());
 * await server.misbehave({ appends: ["lost"] });
 */
export async function startEventStoreDb(
  folder: string,
  { nodes = 1, ...settings }: ServerSettings = {},
) {
  let ports: number[] = Array.from({ length: nodes }, () => 0);
  let running: Process;

  async function start() {
    running = await startProcess();
    ports = await running.tell({ kind: "serve", serving: { folder, ports, ...settings } });
  }
  const control = (what: Control) =>
    running.tell({ kind: "control", server: ports[0] as number, control: what });

  await start();
  return {
    url: urlOf(settings, ports),
    /** Each resolved once it has been done. */
    misbehave: (faults: Partial<Faults>) => control({ kind: "set", faults }),
    /** Ends every read and subscription that is under way. */
    drop: () => control({ kind: "drop" }),
    /** Stores the late appends. */
    release: () => control({ kind: "release" }),
    kill: () => running.kill(),
    /** Starts it again, on the same folder and ports. */
    start,
    close: () => running.kill(),
  };
}
