import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { Redis } from "ioredis";
import { describe } from "vitest";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";

/** Whether there is a Redis to start. */
export function isRedisInstalled(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const WITHOUT = "redis-server is not installed: what is proven on Redis is not proven here";

/** A group of tests that needs Redis: left out aloud where it is missing, and failing where it must not be. */
export const describeWithRedis: typeof describe.skip = (() => {
  if (isRedisInstalled()) return describe;
  if (process.env.CI === "true") throw new Error(WITHOUT);
  process.stderr.write(`\n${WITHOUT}\n`);
  return describe.skip;
})();

/**
 * A Redis of the test's own, which can fail as one in production does. It keeps what it was given
 * when it is killed and started again.
 */
export async function redisServer(folder: string, settings: string[] = []) {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;

  async function start() {
    const place = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder];
    const kept = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
    child = spawn("redis-server", [...place, ...kept, ...settings], { stdio: "ignore" });
    await eventually(async () => ((await ask("ping")) === "PONG" ? true : undefined));
  }

  async function kill() {
    if (!child) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    child = undefined;
  }

  /** One command by a connection of its own; nothing where it does not answer. */
  async function ask(command: string, ...args: string[]): Promise<unknown> {
    const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    redis.on("error", () => {});
    try {
      await redis.connect();
      return await redis.call(command, ...args);
    } catch {
      return undefined;
    } finally {
      redis.disconnect();
    }
  }

  await start();
  return {
    port,
    url,
    ask,
    kill,
    start,
    /** Stops it in the middle of whatever it does: its connections stay and nothing is answered. */
    pause: () => child?.kill("SIGSTOP"),
    resume: () => child?.kill("SIGCONT"),
    wipe: () => ask("flushall"),
    close: kill,
  };
}

export type RedisServer = Awaited<ReturnType<typeof redisServer>>;
