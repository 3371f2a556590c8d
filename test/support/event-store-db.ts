import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Control, Faults } from "../eventstoredb/server/faults.ts";
import type { Order, Serving } from "../eventstoredb/server/main.ts";
import { leaveOut, startContainer } from "./event-store-db-container.ts";

/** An image of the real EventStoreDB, to test on that in place of the server of the tests. */
const image = process.env.EVENTSTORE_ENGINE;

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
      const ended = gone.then(() => {
        throw new Error("the server has ended");
      });
      return Promise.race([new Promise<number[]>((done) => waiting.set(id, done)), ended]);
    },
    /** Ends it as a power cut does, and waits until it is gone. */
    kill: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

type Process = Awaited<ReturnType<typeof startProcess>>;

/** What a server is told; each is resolved once it has been done. */
const controls = (process: () => Process, server: number) => {
  const tell = async (control: Control) => {
    await process().tell({ kind: "control", server, control });
  };
  return {
    misbehave: (faults: Partial<Faults>) => tell({ kind: "set", faults }),
    /** Ends every read and subscription that is under way. */
    drop: () => tell({ kind: "drop" }),
    /** Stores the late appends. */
    release: () => tell({ kind: "release" }),
  };
};

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

/** The real server, as far as it can be what is asked for: one node, with neither users nor TLS. */
async function startReal(engine: string, settings: ServerSettings, kept: boolean) {
  const { nodes = 1, batch = true, user, tls } = settings;
  if (nodes > 1 || !batch || user || tls)
    return leaveOut(engine, `be started with ${Object.keys(settings)}`);
  return startContainer(engine, { kept });
}

/**
 * Servers that share one process: where many are needed, and none is to be killed.
 *
 * @example
 * const { url, misbehave } = await servers.serve(place.path());
 * await misbehave({ appends: ["lost"] });
 */
export function eventStoreDbs() {
  let starting: Promise<Process> | undefined;
  const serving = new Map<string, ReturnType<typeof open>>();

  async function open(folder: string, { nodes = 1, ...settings }: ServerSettings) {
    if (image) {
      const real = await startReal(image, { nodes, ...settings }, false);
      return { ...real, stop: real.close };
    }
    starting ??= startProcess();
    const process = await starting;
    const free = Array.from({ length: nodes }, () => 0);
    const serving = { folder, ports: free, ...settings };
    const ports = await process.tell({ kind: "serve", serving });
    const server = ports[0] as number;
    const stop = () => process.tell({ kind: "stop", server });
    return { url: urlOf(settings, ports), ...controls(() => process, server), stop };
  }

  async function stop() {
    const servers = [...serving.values()];
    serving.clear();
    for (const one of servers) await (await one).stop();
  }

  return {
    /** The server of a folder, started where there is none yet. */
    serve: (folder: string, settings: ServerSettings = {}) => {
      const server = serving.get(folder) ?? open(folder, settings);
      serving.set(folder, server);
      // What was not started is not to be stopped.
      server.catch(() => serving.delete(folder));
      return server;
    },
    /** Ends the servers that were started so far, but not the process. */
    stop,
    close: async () => {
      await stop();
      await (await starting)?.kill();
    },
  };
}

/**
 * Starts a server in a process of its own, on the log of a folder and free ports. It can be killed,
 * and started again on the same.
 *
 * @example
 * const server = await startEventStoreDb(place.path());
 * await server.misbehave({ appends: ["fatal"] });
 */
export async function startEventStoreDb(
  folder: string,
  { nodes = 1, ...settings }: ServerSettings = {},
) {
  if (image) return startReal(image, { nodes, ...settings }, true);
  let ports: number[] = Array.from({ length: nodes }, () => 0);
  let running: Process;

  async function start() {
    running = await startProcess();
    ports = await running.tell({ kind: "serve", serving: { folder, ports, ...settings } });
  }

  await start();
  return {
    url: urlOf(settings, ports),
    ...controls(() => running, ports[0] as number),
    kill: () => running.kill(),
    /** Starts it again, on the same folder and ports. */
    start,
    close: () => running.kill(),
  };
}
