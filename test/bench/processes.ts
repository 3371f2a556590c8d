import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { startServer } from "../support/server.ts";
import type { Answered } from "./load/generator.ts";
import type { Load } from "./load/requests.ts";

/** Everything that is measured over the network runs in a process of its own. */

/** Whether processes can be given a core each: the server one, and who asks it another. */
export const canPin =
  process.platform === "linux" &&
  availableParallelism() > 1 &&
  spawnSync("taskset", ["--version"]).status === 0;

export const pinned = canPin ? "server on one core" : "not pinned: there is no taskset here";

const cores = { server: "0", load: "1" } as const;

/** Gives all threads of a process one core. */
export function pin({ pid }: Pick<ChildProcess, "pid">, to: keyof typeof cores): void {
  if (canPin) spawnSync("taskset", ["-a", "-c", "-p", cores[to], String(pid)]);
}

type Child = AsyncDisposable & {
  process: ChildProcess;
  /** Sends a message and waits for its answer. */
  ask: <T>(message: unknown) => Promise<T>;
};

/** Runs a program of the bench in a process of its own, which ends with this one. */
export function start(program: string, ...args: string[]): Child {
  const child = fork(join(import.meta.dirname, program), args, {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  return {
    process: child,
    ask: async <T>(message: unknown) => {
      child.send(message as object);
      const [answer] = (await answered(child)) as [{ result?: T; error?: string }];
      if (answer.error !== undefined) throw new Error(`${program}: ${answer.error}`);
      return answer.result as T;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

/** The next message of a process; an error where it ends without one. */
async function answered(child: ChildProcess): Promise<unknown[]> {
  const over = new AbortController();
  const { signal } = over;
  try {
    return await Promise.race([
      once(child, "message", { signal }),
      once(child, "exit", { signal }).then(([code]) => {
        throw new Error(`a process of the bench ended with ${code}`);
      }),
    ]);
  } finally {
    over.abort();
  }
}

export type Listening = AsyncDisposable & { url: string; process: ChildProcess };

/** A server of the bench, which says where it listens. */
export async function startListening(program: string, ...args: string[]): Promise<Listening> {
  const child = start(program, ...args);
  const [{ url }] = (await answered(child.process)) as [{ url: string }];
  return { ...child, url };
}

/**
 * An engine made of several processes, by a program of the bench in a group of its own: it ends them
 * when this process is gone, however that ended.
 */
export async function startEngine(program: string): Promise<AsyncDisposable & { url: string }> {
  const child = fork(join(import.meta.dirname, program), { detached: true });
  const [{ url }] = (await answered(child)) as [{ url: string }];
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}

/** The real server on a folder. */
export async function startProduct(
  folder: string,
  env: Record<string, string> = {},
): Promise<Listening> {
  const server = await startServer({ DAYBOOK_DATA: folder, DAYBOOK_DEMO: "0", ...env });
  return {
    url: server.url,
    process: server.process,
    [Symbol.asyncDispose]: async () => {
      await server.end();
    },
  };
}

/** Does something with the real server on a folder, and ends it. */
export async function withProduct<T>(
  folder: string,
  work: (server: Listening) => Promise<T>,
): Promise<T> {
  await using server = await startProduct(folder);
  // Awaited here: the server ends when this returns.
  return await work(server);
}

/** Has a generator ask a server for a while, first to warm it up, and then as often as it is told. */
export async function startLoad(load: Load) {
  const child = start("load/generator.ts");
  pin(child.process, "load");
  const ask = (forMs: number) => child.ask<Answered>({ ...load, forMs });
  await ask(Math.min(load.forMs, 2000));
  return {
    perSecond: async () => (await ask(load.forMs)).perSecond,
    [Symbol.asyncDispose]: child[Symbol.asyncDispose],
  };
}
