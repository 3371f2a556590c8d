/** What a figure is in. Of rates more is better, of everything else less. */
export type Unit = "/s" | "ms" | "s" | "kB" | "MB" | "times";

/** One figure: what each run of it came to. */
export type Runs = readonly number[];

export function quantile(values: Runs, share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = Math.min(Math.floor(sorted.length * share), sorted.length - 1);
  return sorted[at] ?? Number.NaN;
}

export function median(values: Runs): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const middle = Number.isInteger(half) ? sorted.slice(half - 1, half + 1) : [sorted[half | 0]];
  return middle.reduce<number>((sum, one) => sum + (one ?? Number.NaN), 0) / middle.length;
}

/** Three figures that count, and thousands told apart. */
function short(value: number): string {
  const maximumFractionDigits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en", { maximumFractionDigits });
}

const suffix: Readonly<Record<Unit, string>> = {
  "/s": "/s",
  ms: " ms",
  s: " s",
  kB: " kB",
  MB: " MB",
  times: " times",
};

export const inUnit = (value: number, unit: Unit): string => `${short(value)}${suffix[unit]}`;

export const inPercent = (share: number): string => `${short(share * 100)} %`;

/** The lowest and the highest run, where there was more than one. */
export const spread = (runs: Runs): string =>
  runs.length > 1 ? `${short(Math.min(...runs))}–${short(Math.max(...runs))}` : "1 run";

/** How long something takes, in milliseconds. */
export async function msOf(work: () => unknown): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Does something so many times, always as many at once, and waits for the end. */
export async function manyAtOnce(
  times: number,
  atOnce: number,
  work: (nth: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < times) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, times) }, worker));
}

/** How often a second something gets done when so many are always under way. */
export async function rateOf(
  forMs: number,
  atOnce: number,
  work: () => Promise<unknown>,
): Promise<number> {
  const startedAt = performance.now();
  let done = 0;
  const worker = async () => {
    while (performance.now() - startedAt < forMs) {
      await work();
      done++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return done / ((performance.now() - startedAt) / 1000);
}
