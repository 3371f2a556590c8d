import type { Machine } from "./machine.ts";
import { inPercent, inUnit, median, spread } from "./measure.ts";
import { inWords, isReached, type Measured, type Row, shareOf } from "./row.ts";

/** What became of a row: its figures, or why there are none. */
export type Outcome = { row: Row; measured?: Measured; failed?: string; missing?: string };

const heads = ["", "measured (median, spread)", "floor", "of it", "to reach", "reached"];

const reachedInWords = (row: Row, measured: Measured): string =>
  ({ true: "yes", false: "NO", undefined: "–" })[String(isReached(row, measured))] ?? "";

function cells({ row, measured, failed, missing }: Outcome): string[] {
  if (!measured) return [row.name, `not measured: ${missing ?? failed}`, "", "", inWords(row), "–"];
  const { runs, floor } = measured;
  const share = shareOf(row, measured);
  return [
    row.name,
    `${inUnit(median(runs), row.unit)} (${spread(runs)})`,
    floor ? inUnit(median(floor), row.unit) : "–",
    share === undefined ? "–" : inPercent(share),
    inWords(row),
    reachedInWords(row, measured),
  ];
}

/** A row by itself, for who waits for the others: a run that is stopped has not been for nothing. */
export const inLine = (outcome: Outcome): string =>
  cells(outcome)
    .slice(1)
    .filter((cell) => cell !== "")
    .join(" | ");

const notesOf = ({ row, measured }: Outcome): string[] =>
  [`Floor: ${row.floor}.`, row.note ?? "", ...(measured?.notes ?? [])].filter((one) => one !== "");

export function inHeader(machine: Machine, quick: boolean): string {
  const { cpu, cores, node, sqlite, flushesPerSecond, load } = machine;
  return [
    `${cpu}, ${cores} cores, Node ${node}, SQLite ${sqlite}`,
    `The disk flushes ${inUnit(flushesPerSecond, "/s")} (${inUnit(1000 / flushesPerSecond, "ms")} each): durable rates go with it.`,
    `Load before the run: ${load.toFixed(2)}.`,
    ...(quick
      ? ["A quick run: sizes are smaller than the rows say, and runs fewer and shorter."]
      : []),
  ].join("\n");
}

/** The table, for people: what is said of a row stands below it. */
export function inTable(outcomes: readonly Outcome[]): string {
  const lines = outcomes.map(cells);
  const widths = heads.map((head, at) =>
    Math.max(...[heads, ...lines].map((line) => (line[at] ?? head).length)),
  );
  const padded = (line: readonly string[]) =>
    line
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd();
  return [
    padded(heads),
    padded(widths.map((width) => "─".repeat(width))),
    ...outcomes.flatMap((outcome, at) => [
      padded(lines[at] ?? []),
      ...notesOf(outcome).map((note) => `    ${note}`),
    ]),
  ].join("\n");
}

/** The same for machines. */
export const inJson = (machine: Machine, quick: boolean, outcomes: readonly Outcome[]): string =>
  JSON.stringify(
    {
      machine,
      quick,
      rows: outcomes.map(({ row, measured, failed, missing }) => ({
        ...{ name: row.name, unit: row.unit, target: row.target, toReach: inWords(row) },
        ...(failed !== undefined && { failed }),
        ...(missing !== undefined && { missing }),
        ...(measured && {
          ...{ median: median(measured.runs), runs: measured.runs },
          ...(measured.floor && { floor: median(measured.floor), floorRuns: measured.floor }),
          ...{ share: shareOf(row, measured), reached: isReached(row, measured) ?? null },
        }),
        notes: notesOf({ row, ...(measured && { measured }) }),
      })),
    },
    undefined,
    2,
  );
