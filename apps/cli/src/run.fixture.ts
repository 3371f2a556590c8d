import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, onTestFinished } from "vitest";

const bin = join(import.meta.dirname, "../bin/daybook.js");

/** The path of a data folder that is not there yet; what is made of it is deleted at the end. */
export function newData(atTheEnd: (run: () => void) => void = onTestFinished): string {
  const parent = mkdtempSync(join(tmpdir(), "daybook-cli-"));
  atTheEnd(() => rmSync(parent, { recursive: true, force: true }));
  return join(parent, "data");
}

export type Started = {
  child: ChildProcess;
  stdout: () => string;
  /** Waits until the output so far holds the text. */
  shows: (text: string) => Promise<void>;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
};

function launch(data: string, args: readonly string[], env: Record<string, string>): Started {
  // Where there is a server for tests of their own, commands are not to find their data on it.
  const { COLUMNS: _, MONGODB_URL: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...inherited, ...env, DAYBOOK_DATA: data },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const ended = once(child, "close").then(([code]) => ({ code, stdout, stderr }));
  return {
    child,
    stdout: () => stdout,
    shows: async (text) => {
      while (!stdout.includes(text)) {
        if (child.exitCode !== null) throw new Error(`it ended: ${stdout}${stderr}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    ended,
  };
}

/** Starts the real command on a data folder, as a shell would; it ends with the test. */
export function start(data: string, args: readonly string[]): Started {
  const started = launch(data, args, {});
  onTestFinished(() => void started.child.kill("SIGKILL"));
  return started;
}

/** Runs the real command to its end, with this on its standard input. */
export function run(
  data: string,
  args: readonly string[],
  { input = "", ...env }: Record<string, string> = {},
) {
  const { child, ended } = launch(data, args, env);
  child.stdin?.end(input);
  return ended;
}

export const setUpAda = (data: string) =>
  run(data, [
    ...["setup", "--organization", "Northwind Trading", "--email", "ada@northwind.example"],
    ...["--username", "ada", "--first-name", "Ada", "--last-name", "Lovelace"],
  ]);

/**
 * Makes data folders in which Ada has set up an installation. She does so once for all tests of a
 * file: the others are copies.
 */
export function setUpFolders() {
  let made = "";
  const ends: (() => void)[] = [];
  beforeAll(async () => {
    made = newData((run) => ends.push(run));
    await setUpAda(made);
  });
  afterAll(() => {
    for (const end of ends) end();
  });
  return (atTheEnd?: (run: () => void) => void): string => {
    const data = newData(atTheEnd);
    cpSync(made, data, { recursive: true });
    return data;
  };
}
