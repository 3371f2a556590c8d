import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inPercent, inUnit, median, type Runs, type Unit } from "./measure.ts";

/** How a row is measured this time. */
export type Setting = {
  /** Smaller sizes and fewer runs, for trying. */
  quick: boolean;
  /** Holds everything that the rows of this run make; deleted at its end. */
  folder: string;
  say: (what: string) => void;
};

/** What a row is to reach: an amount, and a share of its floor. */
export type Target = { amount?: number; share?: number };

export type Measured = {
  runs: Runs;
  /** The same, done by the bare parts, on the same machine a moment before or after. */
  floor?: Runs;
  /** What has to be known to read the figures. */
  notes?: readonly string[];
};

export type Row = {
  name: string;
  unit: Unit;
  target: Target;
  /** What the floor is. */
  floor: string;
  /** What stands beside the row whatever is measured. */
  note?: string;
  /** What has to be installed first; nothing where all of it is. */
  missing?: () => string | undefined;
  measure: (setting: Setting) => Promise<Measured>;
};

const isRate = (unit: Unit): boolean => unit === "/s";

/** The share of the floor that was reached: 1 is as good as the bare parts. */
export function shareOf({ unit }: Pick<Row, "unit">, { runs, floor }: Measured) {
  if (!floor) return undefined;
  return isRate(unit) ? median(runs) / median(floor) : median(floor) / median(runs);
}

export function inWords({ unit, target }: Pick<Row, "unit" | "target">): string {
  const bound = isRate(unit) ? "at least" : "at most";
  const { amount, share } = target;
  return [
    ...(amount === undefined ? [] : [`${bound} ${inUnit(amount, unit)}`]),
    ...(share === undefined ? [] : [`${inPercent(share)} of the floor`]),
  ].join(", ");
}

/** Whether everything is reached; nothing where the row has nothing to reach. */
export function isReached(row: Row, measured: Measured): boolean | undefined {
  const { amount, share } = row.target;
  if (amount === undefined && share === undefined) return undefined;
  const came = median(measured.runs);
  const far = amount === undefined || (isRate(row.unit) ? came >= amount : came <= amount);
  return far && (share === undefined || (shareOf(row, measured) ?? 0) >= share);
}

/** Measures so many times, fewer where that would go on for longer than it may, and says where it is. */
export async function repeat(
  { say }: Setting,
  what: string,
  times: number,
  measure: () => Promise<number>,
  withinMs = 60_000,
): Promise<number[]> {
  const startedAt = performance.now();
  const runs: number[] = [];
  for (let run = 1; run <= times && performance.now() - startedAt < withinMs; run++) {
    say(`${what}, run ${run} of ${times}`);
    runs.push(await measure());
  }
  return runs;
}

export const freshFolder = ({ folder }: Pick<Setting, "folder">): string =>
  mkdtempSync(join(folder, "fresh-"));

/** A folder that several rows use: built by the first of them. */
export async function sharedFolder(
  setting: Setting,
  name: string,
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(setting.folder, name);
  const whole = join(folder, "built");
  if (existsSync(whole)) return folder;
  mkdirSync(folder);
  await build(folder);
  writeFileSync(whole, "");
  return folder;
}
