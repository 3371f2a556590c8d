import { Counter, Gauge, Registry } from "prom-client";
import type { HealthParts } from "./health.ts";

const labelled = (registers: Registry[], name: string, help: string, label: string) => ({
  ...{ name: `daybook_${name}`, help, labelNames: [label], registers },
});

/**
 * What a monitor compares, in Prometheus' text format (https://prometheus.io/docs/instrumenting/):
 * what was appended, projected and mailed, and what sampling found. Read when it is asked for, so
 * that it costs nothing otherwise.
 */
export function metricsOf({ app, projections, work }: HealthParts): Registry {
  const registry = new Registry();
  const registers = [registry];

  new Gauge({
    ...{ name: "daybook_log_position", help: "Position of the last event", registers },
    async collect() {
      this.set(await app.events.head());
    },
  });
  new Gauge({
    ...labelled(
      registers,
      "projection_position",
      "Position that a projection has reached",
      "projection",
    ),
    async collect() {
      for (const { name, position } of await projections())
        this.set({ projection: name }, position);
    },
  });
  new Gauge({
    ...labelled(registers, "projection_parked", "Documents that a fold threw on", "projection"),
    async collect() {
      for (const { name, parked } of await projections())
        this.set({ projection: name }, parked.length);
    },
  });
  if (work) registerWork(work, registers);
  return registry;
}

function registerWork(work: NonNullable<HealthParts["work"]>, registers: Registry[]) {
  new Counter({
    ...{ name: "daybook_reader_restarts_total", help: "Readers taken up again", registers },
    collect() {
      this.reset();
      this.inc(work().restarts);
    },
  });
  new Counter({
    ...labelled(registers, "mails_total", "Mails by outcome of their attempt", "outcome"),
    collect() {
      const { sent, failed } = work().mail;
      this.reset();
      this.inc({ outcome: "sent" }, sent);
      this.inc({ outcome: "failed" }, failed);
    },
  });
  new Counter({
    ...labelled(
      registers,
      "sampled_documents_total",
      "Documents compared with a replay",
      "projection",
    ),
    collect() {
      this.reset();
      for (const { projection, documents } of work().sampled) this.inc({ projection }, documents);
    },
  });
  new Counter({
    ...labelled(
      registers,
      "sampled_differing_total",
      "Documents that differed from a replay",
      "projection",
    ),
    collect() {
      this.reset();
      for (const { projection, differing } of work().sampled) this.inc({ projection }, differing);
    },
  });
}
