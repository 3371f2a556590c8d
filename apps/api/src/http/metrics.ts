import { Counter, Gauge, Registry } from "prom-client";
import type { HealthParts } from "./health.ts";

/**
 * What a monitor compares, in Prometheus' text format (https://prometheus.io/docs/instrumenting/):
 * what was appended, projected and mailed, and what sampling found. Read when it is asked for, so
 * that it costs nothing otherwise.
 */
export function metricsOf({ app, runner, work }: HealthParts): Registry {
  const registry = new Registry();
  const registers = [registry];
  const of = (name: string, help: string, label: string) => ({
    ...{ name: `daybook_${name}`, help, labelNames: [label], registers },
  });

  new Gauge({
    ...{ name: "daybook_log_position", help: "Position of the last event", registers },
    async collect() {
      this.set(await app.events.head());
    },
  });
  new Gauge({
    ...of("projection_position", "Position that a projection has reached", "projection"),
    collect() {
      for (const { name, position } of runner.status()) this.set({ projection: name }, position);
    },
  });
  new Gauge({
    ...of("projection_parked", "Documents that a fold threw on", "projection"),
    collect() {
      for (const { name, parked } of runner.status()) this.set({ projection: name }, parked.length);
    },
  });
  new Counter({
    ...{ name: "daybook_reader_restarts_total", help: "Readers taken up again", registers },
    collect() {
      this.reset();
      this.inc(runner.restarts());
    },
  });
  new Counter({
    ...of("mails_total", "Mails by outcome of their attempt", "outcome"),
    collect() {
      const { sent, failed } = work().mail;
      this.reset();
      this.inc({ outcome: "sent" }, sent);
      this.inc({ outcome: "failed" }, failed);
    },
  });
  new Counter({
    ...of("sampled_documents_total", "Documents compared with a replay", "projection"),
    collect() {
      this.reset();
      for (const { projection, documents } of work().sampled) this.inc({ projection }, documents);
    },
  });
  new Counter({
    ...of("sampled_differing_total", "Documents that differed from a replay", "projection"),
    collect() {
      this.reset();
      for (const { projection, differing } of work().sampled) this.inc({ projection }, differing);
    },
  });
  return registry;
}
