import {
  type DocumentStore,
  type EventStore,
  openSqliteDocuments,
  openSqliteEventStore,
} from "@daybook/adapters";
import { collectionOf, openViews, type Runner, startRunner } from "@daybook/application";
import { catalogueOf, defineDecider } from "@daybook/domain";
import { defineProjection, foldRow, keyOf, type Projection, type Row } from "@daybook/projections";
import { z } from "zod";
import { newEvent } from "../support/events.ts";
import type { temporaryFolder } from "../support/folder.ts";

export const account = defineDecider<number>()({
  stream: "account",
  commands: {},
  events: {
    Opened: z.object({ owner: z.string() }),
    Paid: z.object({ amount: z.int() }),
    Closed: z.object({}),
  },
  initial: 0,
  decide: {},
  evolve: { Opened: (n) => n, Paid: (n) => n, Closed: (n) => n },
});
export const door = defineDecider<number>()({
  stream: "door",
  commands: {},
  events: { Knocked: z.object({ by: z.string() }) },
  initial: 0,
  decide: {},
  evolve: { Knocked: (n) => n },
});
export const catalogue = catalogueOf([account, door]);

export type Balance = Row & { owner: string; total: number; payments: number[] };

/** Adding up shows an event folded twice; the list one left out or in the wrong place. */
export const add = (row: Balance, amount: number): Balance => ({
  ...row,
  total: row.total + amount,
  payments: [...row.payments, amount],
});

/** The runner handles projections of any row, as `projections` of the product does. */
export const asProjection = <R extends Row>(projection: Projection<R>) =>
  projection as unknown as Projection;

export const balancesOf = (
  fold: (row: Balance, amount: number) => Balance = add,
  more: { name?: string; version?: number; inline?: true } = {},
): Projection =>
  asProjection(
    defineProjection<Balance>()({
      name: "balances",
      version: 1,
      ...more,
      events: account.events,
      indexes: [["owner"]],
      start: {
        Opened: ({ owner }, { id, organization }) => ({
          id,
          organization,
          owner,
          total: 0,
          payments: [],
        }),
      },
      on: { Paid: (row, { amount }) => fold(row, amount), Closed: () => null },
    }),
  );

/** One document of two streams: only the position in the log orders their events. */
export const ownersOf = (): Projection =>
  asProjection(
    defineProjection<Row & { seen: string[] }>()({
      name: "owners",
      version: 1,
      events: account.events,
      key: ({ meta }) => `pair-${Number(meta.id) >> 1}`,
      start: {
        Opened: (_, { id, organization }) => ({
          id: `pair-${Number(id) >> 1}`,
          organization,
          seen: [id],
        }),
      },
      on: {
        Opened: (row, _, { id }) => ({ ...row, seen: [...row.seen, id] }),
        Paid: (row, { amount }, { id }) => ({ ...row, seen: [...row.seen, `${id}:${amount}`] }),
        Closed: (row, _, { id }) => ({ ...row, seen: [...row.seen, `-${id}`] }),
      },
    }),
  );

export const knocksOf = (): Projection =>
  asProjection(
    defineProjection<Row & { count: number }>()({
      name: "knocks",
      version: 1,
      events: door.events,
      start: { Knocked: (_, { id, organization }) => ({ id, organization, count: 1 }) },
      on: { Knocked: (row) => ({ ...row, count: row.count + 1 }) },
    }),
  );

export const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => from + at);

export const opened = (owner = "grace") => newEvent("Opened", { owner });
export const paid = (amount: number) => newEvent("Paid", { amount });
export const closed = () => newEvent("Closed", {});

export type Installation = { events: EventStore; documents: DocumentStore };

export const now = () => new Date("2026-01-01T12:00:00.000Z");
export const turn = () => new Promise((resolve) => setImmediate(resolve));

/** What a fold of the whole log makes, with nothing in between. */
export async function plainFold(
  { events }: Installation,
  projection: Projection,
): Promise<Record<string, Row | null>> {
  const rows = new Map<string, Row | null>();
  for await (const one of events.readAll()) {
    const key = keyOf(projection, one);
    if (key !== undefined) rows.set(key, foldRow(projection, rows.get(key), one));
  }
  return Object.fromEntries(rows);
}

/** The documents of a projection's version, tombstones included. */
export async function stored(
  { documents }: Installation,
  projection: Projection,
  ids: readonly string[],
) {
  const found = await documents.getMany(collectionOf(projection), ids);
  return Object.fromEntries(found.map(({ id, row }) => [id, row]));
}

/** Waits until every projection has folded the log to its end, or stopped. */
export async function settled({ events }: Installation, { status }: Runner) {
  const head = await events.head();
  const busy = () =>
    status().some(
      ({ state, position }) => state !== "stopped" && (state === "catching-up" || position < head),
    );
  while (busy()) await turn();
}

/** Installations in the folder of a test, and programs that run on them. */
export function installations(place: ReturnType<typeof temporaryFolder>) {
  async function install(name = "one"): Promise<Installation> {
    return {
      events: await place.opened(openSqliteEventStore(place.file(`${name}-events.db`))),
      documents: await place.opened(openSqliteDocuments(place.file(`${name}-views.db`), "NORMAL")),
    };
  }

  /** A program with these projections on the stores, as a process that starts. */
  async function start(
    { events, documents }: Installation,
    projections: readonly Projection[],
    known = catalogue,
  ) {
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    const views = await openViews(events, documents, projections);
    const parts = { events, documents, views, catalogue: known, now, onError };
    const runner = await startRunner(parts);
    // Stopped after the test, before the stores are closed.
    await place.opened(Promise.resolve({ close: runner.stop }));
    return { runner, views, errors };
  }

  /** Starts a program, lets it fold everything there is, and stops it. */
  async function runToEnd(...program: Parameters<typeof start>) {
    const started = await start(...program);
    await settled(program[0], started.runner);
    await started.runner.stop();
    return started;
  }

  return { install, start, runToEnd };
}
