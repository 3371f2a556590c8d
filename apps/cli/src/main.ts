import { readConfig } from "@daybook/adapters";
import { v7 } from "uuid";
import manifest from "../package.json" with { type: "json" };
import { runBackup } from "./backup.ts";
import { showEvents } from "./events.ts";
import { exitCode, explain } from "./failure.ts";
import { runMigrate } from "./migrate.ts";
import { openOutput } from "./output.ts";
import { createProgram } from "./program.ts";
import { openProgress } from "./progress.ts";
import { asking, readLine } from "./prompt.ts";
import { runRebuild } from "./rebuild.ts";
import { runRestore } from "./restore.ts";
import { runSetUp } from "./setup.ts";
import { runTestEmail } from "./test-email.ts";
import { runVerify } from "./verify.ts";

/**
 * The operator's and auditor's commands: here they are wired to the clock, the environment and the
 * terminal.
 */

const { stdin, stdout, stderr, env } = process;
const now = () => new Date();
const output = openOutput(stdout, env.COLUMNS);
const progress = openProgress(stderr, now);
const say = (line: string) => stderr.write(`daybook: ${line}\n`);

stderr.on("error", () => {});
// What started this has died without a word; whatever was answered is stored.
process.once("disconnect", () => process.exit(1));
process.channel?.unref();

function fail(error: unknown): never {
  const line = explain(error);
  if (line) say(line);
  if (line && env.DAYBOOK_LOG === "debug" && error instanceof Error)
    stderr.write(`${error.stack}\n`);
  process.exit(exitCode(error));
}
process.on("uncaughtException", fail);

function interruption(): AbortSignal {
  const stop = new AbortController();
  // More than once: from the terminal, and again from the process that started this.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop.abort());
  return stop.signal;
}

const longWork = () => ({
  ...{ config: readConfig(env), now, output, progress, note: say, interruption },
});

const program = createProgram(manifest.version, {
  setUp: (options) =>
    runSetUp(options, {
      config: readConfig(env),
      now,
      output,
      asking: stdin.isTTY ? (run) => asking(stdin, stderr, run) : undefined,
      readLine: (max) => readLine(stdin.setEncoding("utf8"), max),
    }),
  showEvents: (options) =>
    showEvents(options, { config: readConfig(env), now, output, note: say, interruption }),
  verify: (names, options) => runVerify(names, options, longWork()),
  rebuild: (name) => runRebuild(name, longWork()),
  backUp: (folder) => runBackup(folder, manifest.version, longWork()),
  restore: (folder, options) => runRestore(folder, options, longWork()),
  migrate: (options) => runMigrate(options, { ...longWork(), env }),
  testEmail: (address) =>
    runTestEmail(address, { config: readConfig(env), now, newId: v7, output }),
});

try {
  await program.parseAsync();
  process.exit(0);
} catch (error) {
  fail(error);
}
