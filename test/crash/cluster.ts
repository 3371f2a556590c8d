import { setTimeout as delay } from "node:timers/promises";
import { openApp } from "@daybook/application";
import type { Engines } from "../support/engines.ts";
import { type SpawnedServer, spawnServer } from "../support/server.ts";
import type { Installation } from "./installation.ts";

/** A process of an installation that is started again whenever it has ended, as an operator would have it. */
export type Process = {
  name: string;
  signal: (signal: NodeJS.Signals) => void;
  /** Its address, while it runs and has one. */
  url: () => string | undefined;
  monitor: () => string | undefined;
};

/** How soon a process that has ended is started again. */
const RESTART_MS = 300;
const LOOK_MS = 20;

type Settings = Record<string, string>;

function supervised(role: "api" | "worker", name: string, env: Settings) {
  let over = false;
  let running: SpawnedServer | undefined;
  let url: string | undefined;

  async function run() {
    while (!over) {
      const started = spawnServer(env, { role });
      running = started;
      started.running.then((address) => {
        if (running === started) url = address;
      });
      await started.exited;
      url = undefined;
      running = undefined;
      if (!over) await delay(RESTART_MS);
    }
  }
  const ended = run();

  const process: Process = {
    name,
    signal: (signal) => void running?.child.kill(signal),
    url: () => url,
    monitor: () => running?.monitor(),
  };
  return {
    process,
    end: async (signal: NodeJS.Signals) => {
      over = true;
      running?.child.kill(signal);
      await ended;
    },
  };
}

export type Cluster = Installation & {
  apis: readonly Process[];
  workers: readonly Process[];
  /** Ends workers as an operator does, or starts more, until so many are running. */
  scale: (workers: number) => Promise<void>;
  /** From now on nothing is disturbed any more: what was under way before may have been cut off. */
  calm: () => void;
};

/** Several APIs and workers on the production engines. Clients find an API that runs, each time another. */
export function openCluster(
  data: string,
  engines: Engines,
  settings: Settings,
  size: { apis: number; workers: number },
): Cluster {
  const env = {
    PORT: "0",
    DAYBOOK_METRICS_PORT: "0",
    DAYBOOK_DATA: data,
    ...engines.env,
    ...settings,
  };
  const started = (role: "api" | "worker", nth: number) =>
    supervised(role, `${role} ${nth + 1}`, env);
  const apis = Array.from({ length: size.apis }, (_, nth) => started("api", nth));
  const workers = Array.from({ length: size.workers }, (_, nth) => started("worker", nth));
  let startedAt = "";
  let asked = 0;

  const there = (addresses: readonly (string | undefined)[]) =>
    addresses.filter((address) => address !== undefined);

  return {
    data,
    apis: apis.map(({ process }) => process),
    workers: workers.map(({ process }) => process),
    scale: async (count) => {
      while (workers.length < count) workers.push(started("worker", workers.length));
      await Promise.all(workers.splice(count).map(({ end }) => end("SIGTERM")));
      while (workers.some(({ process }) => process.monitor() === undefined)) await delay(LOOK_MS);
    },
    calm: () => {
      startedAt = new Date().toISOString();
    },
    startedAt: () => startedAt,
    url: async () => {
      for (;;) {
        const up = there(apis.map(({ process }) => process.url()));
        const one = up[asked++ % up.length];
        if (one) return one;
        await delay(LOOK_MS);
      }
    },
    monitors: async () => there([...apis, ...workers].map(({ process }) => process.monitor())),
    opened: (now) => {
      const { EVENTSTORE_URL, MONGODB_URL, DAYBOOK_KEY } = engines.env;
      const stores = { data, key: DAYBOOK_KEY, eventStoreUrl: EVENTSTORE_URL };
      return openApp({ ...stores, mongodbUrl: MONGODB_URL }, now);
    },
    start: () => {
      throw new Error("the processes start by themselves");
    },
    end: async (signal) => {
      await Promise.all([...apis, ...workers].map(({ end }) => end(signal)));
    },
  };
}
