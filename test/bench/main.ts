import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "./machine.ts";
import type { Answer } from "./measure-row.ts";
import type { Row } from "./row.ts";
import { rows } from "./rows/index.ts";
import { inHeader, inJson, inTable, type Outcome } from "./table.ts";

/**
 * Measures what the product does on this machine, each figure beside what the bare parts do:
 * `npm run bench -- [--quick] [--json] [words of rows]`. Figures never fail it; only a row that
 * could not be measured does.
 */

const { values, positionals } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const { json, quick } = values;

const folder = mkdtempSync(join(tmpdir(), "daybook-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const signals = { SIGINT: 130, SIGTERM: 143 } as const;

const asked = rows.filter(
  ({ name }) =>
    positionals.length === 0 ||
    positionals.some((word) => name.toLowerCase().includes(word.toLowerCase())),
);

/** Each in a process of its own: what one leaves in memory is no burden for the next. */
async function measure(row: Row): Promise<Outcome> {
  const child = fork(
    join(import.meta.dirname, "measure-row.ts"),
    [row.name, JSON.stringify({ quick, folder })],
    // Only the table is printed on the standard output.
    {
      stdio: ["ignore", 2, 2, "ipc"],
      execArgv: ["--expose-gc", "--disable-warning=ExperimentalWarning"],
    },
  );
  const stop = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of Object.keys(signals)) process.on(signal, stop);
  let answer: Answer | undefined;
  child.on("message", (message: Answer) => {
    answer = message;
  });
  const [code, signal] = await once(child, "close");
  for (const one of Object.keys(signals)) process.off(one, stop);
  if (signal || code in ended) process.exit(code ?? 1);
  return { row, ...(answer ?? { failed: `its process ended with ${code}` }) };
}

const ended: Readonly<Record<number, true>> = { 130: true, 143: true };

const machine = describeMachine({ folder });
const outcomes: Outcome[] = [];
for (const [at, row] of asked.entries()) {
  process.stderr.write(`${at + 1}/${asked.length} ${row.name}\n`);
  outcomes.push(await measure(row));
}
process.stdout.write(
  json
    ? `${inJson(machine, quick, outcomes)}\n`
    : `${inHeader(machine, quick)}\n\n${inTable(outcomes)}\n`,
);
process.exitCode = outcomes.some(({ failed }) => failed !== undefined) ? 1 : 0;
