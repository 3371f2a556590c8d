import type { Durations } from "@daybook/application";
import type { Metric, Registry } from "prom-client";

type Labels = Record<string, string | number>;
type Value = { labels: Labels; value: number; metricName?: string };

/** What is measured under one name, with its values of now. */
export type Series = { type: string; name: string; help: string; values: Value[] };

const series =
  (type: string) =>
  (name: string, help: string, values: Value[]): Series => ({
    ...{ type, name: `daybook_${name}`, help, values },
  });

export const gauge = series("gauge");
export const counter = series("counter");

/** Durations in the shape that Prometheus gives to histograms. */
export function histogram(label: string, help: string, durations: readonly Durations[]): Series {
  const values = durations.flatMap(({ name, count, sumSeconds, upTo }) => {
    const value = (part: string, so: number, labels: Labels = {}): Value => ({
      ...{ metricName: `daybook_${label}_seconds_${part}`, value: so },
      labels: { [label]: name, ...labels },
    });
    return [
      ...upTo.map(({ seconds, count: so }) => value("bucket", so, { le: seconds })),
      value("bucket", count, { le: "+Inf" }),
      value("sum", sumSeconds),
      value("count", count),
    ];
  });
  return series("histogram")(`${label}_seconds`, help, values);
}

/** The value of a series without labels; none where it is not known. */
export const one = (value: number | undefined): Value[] =>
  value === undefined ? [] : [{ labels: {}, value }];

/** Values told apart by one label. */
export const each = (label: string, values: readonly (readonly [string, number])[]): Value[] =>
  values.map(([of, value]) => ({ labels: { [label]: of }, value }));

/** The library's own kinds count for themselves; it writes down these all the same. */
export function register(registry: Registry, all: readonly Series[]): void {
  for (const one of all)
    registry.registerMetric({ ...one, get: async () => one } as unknown as Metric);
}
