import { collectDefaultMetrics, Registry } from "prom-client";
import { behindOf } from "../progress.ts";
import type { HealthParts } from "./health.ts";
import { type Look, lookAt } from "./look.ts";
import { counter, each, gauge, histogram, one, register, type Series } from "./series.ts";

function storeSeries({ app }: HealthParts, { up }: Look): Series[] {
  const { restarts, down } = app.events.connection();
  const downs = Object.entries(up).map(([store, isUp]) => [store, Number(!isUp)] as const);
  const connections = (["documents", "state"] as const).flatMap((store) => {
    const { open, used } = app[store].connection();
    const states = each("state", Object.entries({ open, used }));
    return states.map(({ labels, value }) => ({ labels: { store, ...labels }, value }));
  });
  return [
    counter("subscription_restarts_total", "Subscriptions taken up again", one(restarts)),
    gauge("subscription_down", "Whether one has ended and is not back", one(Number(down))),
    gauge("store_down", "Whether a store is away", each("store", downs)),
    gauge("store_connections", "Connections to a store's server", connections),
  ];
}

function progressSeries({ head, projections, mail, jobs }: Look): Series[] {
  const by = (measure: (one: (typeof projections)[number]) => number) =>
    each(
      "projection",
      projections.map((one) => [one.name, measure(one)]),
    );
  const position = by((one) => one.position);
  const behind = head === undefined ? [] : by((one) => behindOf(head, one));
  const parked = by((one) => one.parked.length);
  return [
    gauge("log_position", "Position of the last event", one(head)),
    gauge("projection_position", "Position it has reached", position),
    gauge("projection_behind", "How far that is from the end of the log", behind),
    gauge("projection_parked", "Documents that a fold threw on", parked),
    gauge("mail_pending", "Mails not sent yet", one(mail?.count)),
    gauge("mail_oldest_due_seconds", "For how long one is due", one(mail?.oldestDueSeconds)),
    gauge("queue_jobs", "Jobs of the queue", each("state", Object.entries(jobs ?? {}))),
  ];
}

function workSeries({ restarts, mail, sampled }: ReturnType<NonNullable<HealthParts["work"]>>) {
  const { sent, failed } = mail;
  const outcomes = each("outcome", Object.entries({ sent, failed }));
  const by = (measure: (one: (typeof sampled)[number]) => number) =>
    each(
      "projection",
      sampled.map((one) => [one.projection, measure(one)]),
    );
  const documents = by((one) => one.documents);
  const differing = by((one) => one.differing);
  return [
    counter("reader_restarts_total", "Readers taken up again", one(restarts)),
    counter("mails_total", "Mails by outcome of their attempt", outcomes),
    counter("sampled_documents_total", "Documents compared with a replay", documents),
    counter("sampled_differing_total", "Those of them that differed from it", differing),
  ];
}

/**
 * What a monitor compares, in Prometheus' text format (https://prometheus.io/docs/instrumenting/):
 * what was appended, projected and mailed, what sampling found, how long commands and queries take.
 * Read when it is asked for, so that it costs nothing otherwise. Labels are names of the program's
 * own: nothing that a client sends, and nothing about people.
 */
export function metricsOf(parts: HealthParts) {
  const { commands, queries } = parts.app.took;
  const process = new Registry();
  collectDefaultMetrics({ register: process });

  return {
    contentType: process.contentType,
    read: async (): Promise<string> => {
      const look = await lookAt(parts);
      const registry = new Registry();
      register(registry, [
        ...storeSeries(parts, look),
        ...progressSeries(look),
        ...(parts.work ? workSeries(parts.work()) : []),
        histogram("command", "How long commands took", commands.read()),
        histogram("query", "How long queries took, with what they waited for", queries.read()),
      ]);
      return Registry.merge([registry, process]).metrics();
    },
  };
}
