/** What is at most this long is counted together: from a command in memory to one that hangs. */
const BOUNDS_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** How long things of one name took. */
export type Durations = {
  name: string;
  count: number;
  sumSeconds: number;
  /** How many took at most so long. */
  upTo: { seconds: number; count: number }[];
};

export type Stopwatch = {
  /** Counts one that began at this reading of `performance.now()` and ends now. */
  ended: (name: string, since: number) => void;
  read: () => Durations[];
};

/**
 * Counts how long things take, by name, as a histogram of Prometheus does. It stands in the path of
 * every command and query, and costs a fraction of a microsecond where the metrics library takes a
 * whole one. Each name is kept for ever: they have to be the program's own.
 *
 * @example
 * const since = performance.now();
 * await execute(command);
 * commands.ended(command.type, since);
 */
export function stopwatch(): Stopwatch {
  const counted = new Map<string, { counts: number[]; sumSeconds: number }>();

  function countedAs(name: string) {
    const known = counted.get(name);
    if (known) return known;
    // The last one counts what is longer than any bound.
    const one = { counts: Array.from({ length: BOUNDS_S.length + 1 }, () => 0), sumSeconds: 0 };
    counted.set(name, one);
    return one;
  }

  return {
    ended: (name, since) => {
      const seconds = (performance.now() - since) / 1000;
      const one = countedAs(name);
      let at = 0;
      while (seconds > (BOUNDS_S[at] ?? Number.POSITIVE_INFINITY)) at++;
      (one.counts[at] as number)++;
      one.sumSeconds += seconds;
    },
    read: () =>
      [...counted].map(([name, { counts, sumSeconds }]) => {
        let count = 0;
        const upTo = BOUNDS_S.map((seconds, at) => {
          count += counts[at] as number;
          return { seconds, count };
        });
        return { name, count: count + (counts.at(-1) as number), sumSeconds, upTo };
      }),
  };
}
