#!/usr/bin/env node
// Runs the operator's commands on the pinned Node. Plain JavaScript without dependencies: it must
// start on the Node that the machine has, and before the packages are installed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pinnedNode } from "../../../scripts/toolchain.js";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

if (!existsSync(join(root, "node_modules/commander"))) {
  process.stderr.write("daybook: the packages are not installed: run `npm start` once.\n");
  process.exit(1);
}

const main = join(root, "apps/cli/src/main.ts");
const child = spawn(
  pinnedNode(root),
  ["--disable-warning=ExperimentalWarning", main, ...process.argv.slice(2)],
  {
    // The server takes its default data folder from the root; a path that is given is the caller's.
    cwd: process.env.DAYBOOK_DATA ? process.cwd() : root,
    // The channel tells the child when this process is gone, however it died.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  },
);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  process.stderr.write(`daybook: ${error.message}\n`);
  process.exit(1);
});
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
