import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { TestRunner } from "vitest";
import { freePort } from "./free-port.ts";

const run = promisify(execFile);

/** How long a server may take to answer; on a busy machine it takes some ten seconds. */
const START_MS = 120_000;
const LOOK_MS = 100;

/** Docker's command. What it says where it fails is in the message of what is thrown. */
const docker = async (...args: string[]): Promise<string> => (await run("docker", args)).stdout;

/** Leaves the running test out, aloud: what it asks for only the server of the tests does. */
export async function leaveOut(image: string, what: string): Promise<never> {
  const running = TestRunner.getCurrentTest();
  const text = `NOT TESTED on ${image}, which cannot ${what}`;
  process.stderr.write(`\n!!! ${running?.name}: ${text}\n\n`);
  if (!running) throw new Error(text);
  return running.context.skip(text);
}

/**
 * Starts the real EventStoreDB in a container of its own, on an empty log and a free port of this
 * machine. One that is kept has its log on a disk, and has it still when it was killed and started
 * again; else it is in memory.
 *
 * @example
 * const { url, close } = await startContainer("eventstore/eventstore:24.10.0-bookworm-slim");
 */
export async function startContainer(
  image: string,
  { kept = false, unable = leaveOut }: { kept?: boolean; unable?: typeof leaveOut } = {},
) {
  const name = `daybook-test-${randomUUID()}`;
  // Docker would draw another one at each start.
  const port = await freePort();
  const settings = {
    EVENTSTORE_INSECURE: "true",
    EVENTSTORE_NODE_IP: "0.0.0.0",
    EVENTSTORE_MEM_DB: String(!kept),
  };
  const environment = Object.entries(settings).flatMap(([key, to]) => ["--env", `${key}=${to}`]);

  async function answers() {
    const deadline = performance.now() + START_MS;
    const ask = () => fetch(`http://127.0.0.1:${port}/health/live`).catch(() => undefined);
    while (!(await ask())?.ok) {
      if (performance.now() > deadline)
        throw new Error(`${image} does not answer:\n${await docker("logs", "--tail", "50", name)}`);
      await delay(LOOK_MS);
    }
  }

  const published = ["--publish", `127.0.0.1:${port}:2113`];
  await docker("run", "--detach", "--name", name, ...published, ...environment, image);
  const close = async () => {
    await docker("rm", "--force", "--volumes", name);
  };
  await answers().catch(async (error) => {
    await close();
    throw error;
  });
  return {
    url: `esdb://127.0.0.1:${port}?tls=false`,
    kill: async () => {
      await docker("kill", name);
    },
    /** Starts it again, on the same log and port. */
    start: async () => {
      await docker("start", name);
      await answers();
    },
    close,
    misbehave: () => unable(image, "misbehave as it is told"),
    drop: () => unable(image, "drop its readers"),
    release: () => unable(image, "store late appends"),
  };
}
