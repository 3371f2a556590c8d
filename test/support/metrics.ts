/**
 * What Prometheus would read from a process, by series as they are written there.
 *
 * @example
 * (await metricsOf(url)).get('daybook_store_down{store="events"}') === 0;
 */
export async function metricsOf(url: string, how: RequestInit = {}): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`, how);
  const lines = (await response.text()).split("\n").filter((line) => /^[^#]/.test(line));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

/** The names of the series, without their labels. */
export const namesOf = (metrics: ReadonlyMap<string, number>): Set<string> =>
  new Set([...metrics.keys()].map((series) => series.replace(/\{.*/, "")));
