import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { removeFolder, startServer, type TestServer } from "../support/server.ts";
import { documentsOf, textOf } from "./files.ts";

type Query = { query: string; where: string };
type Alert = { alert: string; expr: string; labels: object; annotations: object };
type Panel = { title: string; gridPos: object; targets?: { expr: string }[] };

const dashboard = JSON.parse(textOf("deploy/grafana/daybook.json")) as { panels: Panel[] };
const [{ groups }] = documentsOf("deploy/prometheus/alerts.yml") as [
  { groups: { rules: Alert[] }[] },
];
const [{ externalRules }] = documentsOf("deploy/prometheus/adapter.yml") as [
  { externalRules: { metricsQuery: string; name: { as: string } }[] },
];
const alerts = groups.flatMap(({ rules }) => rules);

const shown = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.length === 0 ? [] : { query: targets.map(({ expr }) => expr).join("\n"), where: title },
);
const alerted = alerts.map(({ alert, expr }): Query => ({ query: expr, where: alert }));
const scaled = externalRules.map(
  ({ metricsQuery, name }): Query => ({ query: metricsQuery, where: name.as }),
);

/** A histogram is asked for by its parts. */
const metricsIn = ({ query }: Query): string[] =>
  [...query.matchAll(/\bdaybook_\w+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ""));

describe("the metrics that are asked for", () => {
  let server: TestServer;
  let exported: Map<string, string>;
  beforeAll(async () => {
    server = await startServer({ DAYBOOK_DEMO: "0" });
    const text = await (await fetch(`${server.url}/metrics`)).text();
    exported = new Map(
      [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", type = ""]) => [name, type]),
    );
  });
  afterAll(async () => {
    await server.end();
    await removeFolder(server.data);
  });

  test.each([...shown, ...alerted, ...scaled])("$where: are exported", (asked) => {
    expect(metricsIn(asked)).not.toEqual([]);
    expect(exported.keys().toArray()).toEqual(expect.arrayContaining(metricsIn(asked)));
  });

  test.each([...shown, ...alerted])("$where: of a counter, the increase", ({ query }) => {
    for (const [, called, name = ""] of query.matchAll(/(\w*)\((daybook_\w+)/g)) {
      const counts = ["increase", "rate", "absent"].includes(called ?? "");
      const type = exported.get(name.replace(/_(bucket|sum|count)$/, ""));
      expect(counts, `${called} of ${name}`).toBe(type === "counter" || type === "histogram");
    }
  });
});

test("every panel has its place, and every alert says what it means", () => {
  const places = dashboard.panels.map((panel) => JSON.stringify(panel.gridPos));
  expect(new Set(places).size).toBe(places.length);
  for (const { alert, labels, annotations } of alerts) {
    expect(alert).toMatch(/^Daybook[A-Z]/);
    expect(labels).toEqual({ severity: expect.stringMatching(/^(page|ticket)$/) });
    expect(annotations).toEqual({ summary: expect.any(String), description: expect.any(String) });
  }
});
