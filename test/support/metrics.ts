import { eventually } from "./eventually.ts";

type Metrics = ReadonlyMap<string, number>;

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

/** They are read until they are as expected: a process has its work only some beats after its start. */
export const metricsOnce = (url: string, isExpected: (found: Metrics) => boolean) =>
  eventually(async () => {
    const found = await metricsOf(url);
    return isExpected(found) ? found : undefined;
  });

/** The names of the series, without their labels. */
export const namesOf = (metrics: Metrics): Set<string> =>
  new Set([...metrics.keys()].map((series) => series.replace(/\{.*/, "")));
