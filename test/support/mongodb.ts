import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "./free-port.ts";

/** Where the MongoDB-compatible engine lies; `serve FOLDER PORT` in it starts one. */
const tools =
  process.env.MONGODB_ENGINE ?? join(import.meta.dirname, "../../../shared/tools/mongodb");
const serve = join(tools, "serve");

/** Whether there is an engine to start. */
export const isMongoInstalled = (): boolean => existsSync(serve);

/** How long after a kill the engine's own processes may take to notice, and to let its files go. */
const RESTART_MS = 30_000;

export type Mongo = {
  url: () => string;
  /** A database of its own for a test's folder. */
  database: (folder: string) => string;
};

export type MongoEngine = {
  url: string;
  /** Ends all of its processes at once, in the middle of whatever they do. */
  kill: () => Promise<void>;
  /** Where it was killed, starts it again on what it had stored. */
  start: () => Promise<void>;
  /** Stops its processes where they are, or lets them go on. */
  signal: (signal: "SIGSTOP" | "SIGCONT") => void;
  remove: () => Promise<void>;
};

/** What it printed by when it was ready or had ended. */
async function spawned(folder: string, port: number): Promise<[ChildProcess, string]> {
  // In a group of its own, so that all of it can be killed.
  const child = spawn(serve, [folder, String(port)], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const ready = new Promise<void>((resolve) => {
    const collect = (chunk: Buffer) => {
      printed += chunk;
      if (printed.includes("ready mongodb://")) resolve();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("close", () => resolve());
  });
  await ready;
  return [child, printed];
}

/** Starts an engine on a folder of its own. */
export async function startMongo(): Promise<MongoEngine> {
  const folder = await mkdtemp(join(tmpdir(), "daybook-mongodb-"));
  // Parts of it run under another account.
  await chmod(folder, 0o755);
  const port = await freePort();
  let child: ChildProcess | undefined;

  async function start() {
    const deadline = performance.now() + RESTART_MS;
    while (!child) {
      const [started, printed] = await spawned(folder, port);
      if (started.exitCode === null && started.signalCode === null) child = started;
      else if (performance.now() > deadline)
        throw new Error(`the engine did not start: ${printed}`);
      else await pause(100);
    }
  }
  const signal = (name: NodeJS.Signals) => {
    if (child?.pid) process.kill(-child.pid, name);
  };
  async function kill() {
    const ended = child && once(child, "close");
    signal("SIGKILL");
    await ended;
    child = undefined;
  }

  await start();
  return {
    url: `mongodb://127.0.0.1:${port}/?directConnection=true`,
    kill,
    start,
    signal,
    remove: async () => {
      if (child) await kill();
      // What is left of it may write until it notices.
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

/** Says what is not tested. Where nothing is tested on MongoDB at all, that is a failure in CI. */
function missing(name: string) {
  const text = `${name}: NOT TESTED, there is no engine in ${tools} (MONGODB_ENGINE)`;
  process.stderr.write(`\n!!! ${text}\n\n`);
  if (process.env.CI && !process.env.MONGODB_URL) test(name, () => expect.fail(text));
  else test.skip(name, () => {});
}

/** Tests on any server: the one at MONGODB_URL, else one that is started for all of them. */
export function onMongo(name: string, tests: (mongo: Mongo) => void): void {
  const given = process.env.MONGODB_URL;
  if (!given && !isMongoInstalled()) {
    missing(name);
    return;
  }
  describe(name, () => {
    const databases = new Set<string>();
    let url = given ?? "";
    beforeAll(async () => {
      if (given) return;
      const engine = await startMongo();
      url = engine.url;
      return engine.remove;
    });
    afterAll(async () => {
      if (!given) return;
      const client = new MongoClient(given);
      for (const one of databases) await client.db(one).dropDatabase();
      await client.close();
    });
    tests({
      url: () => url,
      database: (folder) => {
        databases.add(basename(folder));
        return basename(folder);
      },
    });
  });
}

/** Tests that kill the engine: one of their own, never the server at MONGODB_URL. */
export function onMongoEngine(name: string, tests: (engine: () => MongoEngine) => void): void {
  if (!isMongoInstalled()) {
    missing(name);
    return;
  }
  describe(name, () => {
    let engine: MongoEngine | undefined;
    beforeAll(async () => {
      engine = await startMongo();
      return engine.remove;
    });
    tests(() => engine ?? expect.fail("the engine is not started"));
  });
}
