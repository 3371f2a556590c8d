import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "./machine.ts";
import type { Answer } from "./measure-row.ts";
import type { Row } from "./row.ts";
import { engineRows, rows } from "./rows/index.ts";
import { inHeader, inJson, inLine, inTable, type Outcome } from "./table.ts";

/**
 * Measures what the product does on this machine, each figure beside what the bare parts do:
 * `npm run bench -- [--quick] [--json] [--engines] [words of rows]`. Figures never fail it; only a row
 * that could not be measured does, unless its engine is not there.
 */

const { values, positionals } = parseArgs({
  options: {
    engines: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const { engines, json, quick } = values;

const folder = mkdtempSync(join(tmpdir(), "daybook-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

/** Whoever stops this stops the row under way with it, and is given no table. */
let stoppedBy: NodeJS.Signals | undefined;
let underWay: ChildProcess | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    stoppedBy = signal;
    if (underWay) endGroup(underWay);
  });

/** Ends a row with every process that it has started: servers too that were only just starting. */
function endGroup({ pid = 0 }: ChildProcess): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

const all = engines ? [...rows, ...(await engineRows())] : rows;
const asked = all.filter(
  ({ name }) =>
    positionals.length === 0 ||
    positionals.some((word) => name.toLowerCase().includes(word.toLowerCase())),
);

/** Each in a process of its own: what one leaves in memory is no burden for the next. */
async function measure(row: Row): Promise<Outcome> {
  const missing = row.missing?.();
  if (missing !== undefined) return { row, missing };
  const child = fork(
    join(import.meta.dirname, "measure-row.ts"),
    [row.name, JSON.stringify({ quick, folder })],
    // Only the table is printed on the standard output.
    {
      stdio: ["ignore", 2, 2, "ipc"],
      // In a group of its own, which is ended as a whole.
      detached: true,
      execArgv: ["--expose-gc", "--disable-warning=ExperimentalWarning"],
    },
  );
  underWay = child;
  let answer: Answer | undefined;
  child.on("message", (message: Answer) => {
    answer = message;
  });
  const [code, signal] = await once(child, "close");
  endGroup(child);
  if (stoppedBy) process.exit(128 + constants.signals[stoppedBy]);
  return { row, ...(answer ?? { failed: `its process ended with ${signal ?? code}` }) };
}

const machine = describeMachine({ folder });
const outcomes: Outcome[] = [];
for (const [at, row] of asked.entries()) {
  process.stderr.write(`${at + 1}/${asked.length} ${row.name}\n`);
  const outcome = await measure(row);
  process.stderr.write(`    ${inLine(outcome)}\n`);
  outcomes.push(outcome);
}
process.stdout.write(
  json
    ? `${inJson(machine, quick, outcomes)}\n`
    : `${inHeader(machine, quick)}\n\n${inTable(outcomes)}\n`,
);
process.exitCode = outcomes.some(({ failed }) => failed !== undefined) ? 1 : 0;
