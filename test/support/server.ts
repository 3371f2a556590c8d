import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const main = join(import.meta.dirname, "../../apps/server/src/main.ts");

/** The variables that decide how a server runs: tests set them, the machine does not. */
const cleared = /^(DAYBOOK_|HOST$|PORT$|MAIL_|OTEL_|(EVENTSTORE|MONGODB|REDIS|SMTP)_URL$)/;

const environment = (given: Record<string, string>) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !cleared.test(name))),
  ...given,
});

export type TestServer = {
  url: string;
  data: string;
  process: ChildProcess;
  /** What it has printed so far. */
  output: () => string;
  /** The generated password of the demonstration's administrator. */
  password: string;
  /** Ends it with a signal, and waits until it has ended. */
  end: (signal?: NodeJS.Signals) => Promise<number | null>;
};

/**
 * How a server is started: from another entry, which can be sent messages, as a part, or under other
 * than the test's account.
 */
export type Spawning = { entry?: string; role?: "all" | "api" | "worker"; uid?: number };

/** Starts the real server as a process of its own. */
export function spawnServer(
  env: Record<string, string>,
  { entry, role = "all", ...account }: Spawning = {},
) {
  const args = ["--disable-warning=ExperimentalWarning", entry ?? main, role];
  const child = spawn(process.execPath, args, {
    env: environment(env),
    stdio: ["ignore", "pipe", "pipe", ...(entry ? ["ipc" as const] : [])],
    ...account,
  });
  let printed = "";
  const collect = (chunk: Buffer) => {
    printed += chunk;
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  // Closed is after the end: by then everything that was written has arrived.
  const closed = once(child, "close");
  const exited = closed.then(([code]) => code as number | null);
  /** Its address once it says that it is running; nothing when it ended before. */
  async function running(): Promise<string | undefined> {
    const says = () => /Mail is (kept|sent)/.test(printed);
    while (!says() && child.exitCode === null && child.signalCode === null)
      await new Promise((resolve) => setTimeout(resolve, 20));
    if (!says()) await closed;
    return /(?:listening on|running at) ([^\s,]+)\n/.exec(printed)?.[1];
  }
  const monitor = () => /Monitors are answered at (\S+)\n/.exec(printed)?.[1];
  return { child, exited, output: () => printed, running: running(), monitor };
}

export type SpawnedServer = ReturnType<typeof spawnServer>;

/** Runs the real server as a process of its own, until it ends or says that it is running. */
export async function launch(env: Record<string, string>, how: Spawning = {}) {
  const { child, exited, output, running } = spawnServer(env, how);
  return { child, exited, output, url: await running };
}

/** A folder of its own for the data of a test. */
export const dataFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "daybook-test-"));

/** Starts a server on a free port; on a fresh folder unless one is given. */
export async function startServer(env: Record<string, string> = {}): Promise<TestServer> {
  const data = env.DAYBOOK_DATA ?? (await dataFolder());
  const { child, exited, output, url } = await launch({ PORT: "0", DAYBOOK_DATA: data, ...env });
  if (!url) throw new Error(`the server did not start:\n${output()}`);
  return {
    url,
    data,
    process: child,
    output,
    password: /the password (\S+)/.exec(output())?.[1] ?? "",
    end: (signal = "SIGTERM") => {
      child.kill(signal);
      return exited;
    },
  };
}

export const removeFolder = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true });
