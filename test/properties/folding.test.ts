import { copyFile } from "node:fs/promises";
import {
  type DocumentStore,
  type EventStore,
  type NewEvent,
  openSqliteDocuments,
  openSqliteEventStore,
} from "@daybook/adapters";
import {
  collectionOf,
  openViews,
  type Runner,
  startRunner,
  type Views,
} from "@daybook/application";
import { catalogueOf, defineDecider } from "@daybook/domain";
import { defineProjection, foldRow, keyOf, type Projection, type Row } from "@daybook/projections";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { newEvent } from "../support/events.ts";
import { temporaryFolder } from "../support/folder.ts";

const account = defineDecider<number>()({
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
const door = defineDecider<number>()({
  stream: "door",
  commands: {},
  events: { Knocked: z.object({ by: z.string() }) },
  initial: 0,
  decide: {},
  evolve: { Knocked: (n) => n },
});
const catalogue = catalogueOf([account, door]);

type Balance = Row & { owner: string; total: number; payments: number[] };

/** Adding up shows an event folded twice; the list one left out or in the wrong place. */
const add = (row: Balance, amount: number): Balance => ({
  ...row,
  total: row.total + amount,
  payments: [...row.payments, amount],
});

/** The runner handles projections of any row, as `projections` of the product does. */
const asProjection = <R extends Row>(projection: Projection<R>) =>
  projection as unknown as Projection;

const balancesOf = (
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
const ownersOf = (): Projection =>
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

const knocksOf = (): Projection =>
  asProjection(
    defineProjection<Row & { count: number }>()({
      name: "knocks",
      version: 1,
      events: door.events,
      start: { Knocked: (_, { id, organization }) => ({ id, organization, count: 1 }) },
      on: { Knocked: (row) => ({ ...row, count: row.count + 1 }) },
    }),
  );

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

const opened = (owner = "grace") => newEvent("Opened", { owner });
const paid = (amount: number) => newEvent("Paid", { amount });
const closed = () => newEvent("Closed", {});

type Installation = { events: EventStore; documents: DocumentStore };

const now = () => new Date("2026-01-01T12:00:00.000Z");
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** What a fold of the whole log makes, with nothing in between. */
async function plainFold(
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
async function stored({ documents }: Installation, projection: Projection, ids: readonly string[]) {
  const found = await documents.getMany(collectionOf(projection), ids);
  return Object.fromEntries(found.map(({ id, row }) => [id, row]));
}

/** Waits until every projection has folded the log to its end, or stopped. */
async function settled({ events }: Installation, { status }: Runner) {
  const head = await events.head();
  const busy = () =>
    status().some(
      ({ state, position }) => state !== "stopped" && (state === "catching-up" || position < head),
    );
  while (busy()) await turn();
}

describe("read models", () => {
  const place = temporaryFolder();

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

  // Exactly once into documents: neither a restart nor a second worker must show.
  test("appends, restarts and two runners in any order end as a plain fold does", async () => {
    const projections = [balancesOf(), ownersOf(), balancesOf(add, { name: "now", inline: true })];
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant("pay" as const),
          account: fc.nat(5),
          amounts: fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 4 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constant("close" as const), account: fc.nat(5) }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constantFrom("start" as const, "stop" as const),
          runner: fc.nat(1),
        }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), turns: fc.nat(20) }) },
    );
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        // Two handles on the same files, as two processes have them.
        const name = `run-${runs++}`;
        const handles = [await install(name), await install(name)];
        const [one] = handles as [Installation];
        const running: (Runner | undefined)[] = [undefined, undefined];
        const begun = new Set<number>();
        const appends: Promise<unknown>[] = [];
        const append = (of: number, events: NewEvent[]) => {
          const first = begun.has(of) ? [] : [opened()];
          begun.add(of);
          appends.push(one.events.append(`account-${of}`, "any", [...first, ...events]));
        };
        for (const next of steps) {
          if (next.do === "pay") append(next.account, next.amounts.map(paid));
          if (next.do === "close") append(next.account, [closed(), opened("again")]);
          if (next.do === "start")
            running[next.runner] ??= (
              await start(handles[next.runner] as Installation, projections)
            ).runner;
          if (next.do === "stop") {
            await running[next.runner]?.stop();
            running[next.runner] = undefined;
          }
          if (next.do === "wait") for (const _ of range(0, next.turns)) await turn();
        }
        await Promise.all(appends);
        for (const runner of running) await runner?.stop();
        const { errors } = await runToEnd(one, projections);
        expect(errors).toEqual([]);
        for (const projection of projections) {
          const expected = await plainFold(one, projection);
          const found = await stored(one, projection, Object.keys(expected));
          expect(found, projection.name).toEqual(expected);
        }
        for (const handle of handles) {
          await place.closed(handle.events);
          await place.closed(handle.documents);
        }
      }),
      { numRuns: 10 },
    );
  });

  test("a person reads what they wrote, once the view has passed its position", async () => {
    const installation = await install();
    const balances = balancesOf();
    const { views, runner } = await start(installation, [balances]);
    for (const amount of range(1, 20)) {
      const expected = amount === 1 ? "none" : amount - 1;
      const { position } = await installation.events.append(
        "account-1",
        expected,
        amount === 1 ? [opened(), paid(1)] : [paid(amount)],
      );
      await views.waitFor("balances", position, 30_000);
      expect(await stored(installation, balances, ["1"])).toMatchObject({
        "1": { payments: range(1, amount + 1) },
      });
    }
    await runner.stop();
    const { position } = await installation.events.append("account-1", "any", [paid(20)]);
    await expect(views.waitFor("balances", position, 5)).rejects.toMatchObject({
      code: "view/behind",
    });
  });

  describe("parking", () => {
    const unlucky = balancesOf((row, amount) => {
      if (amount === 13) throw new Error("thirteen");
      return add(row, amount);
    });

    async function parked() {
      const installation = await install();
      const { events } = installation;
      await events.append("account-1", "none", [opened(), paid(1), paid(13), paid(5)]);
      await events.append("account-2", "none", [opened(), paid(2)]);
      return installation;
    }

    test("a fold that throws parks its document, and the others go on", async () => {
      const installation = await parked();
      const { runner } = await start(installation, [unlucky, ownersOf()]);
      await settled(installation, runner);
      await installation.events.append("account-1", "any", [paid(6)]);
      await installation.events.append("account-2", "any", [paid(3)]);
      await settled(installation, runner);

      const found = await stored(installation, unlucky, ["1", "2"]);
      expect(found).toMatchObject({ "1": { payments: [1] }, "2": { payments: [2, 3] } });
      const [balances, owners] = runner.status();
      expect(balances).toMatchObject({ state: "live", position: await installation.events.head() });
      expect(balances?.parked).toMatchObject([
        { document: "1", position: 3, type: "Paid", error: "thirteen" },
      ]);
      expect(owners?.parked).toEqual([]);
      expect(runner.restarts()).toBe(0);
    });

    test("a program that still throws keeps it parked where it was", async () => {
      const installation = await parked();
      await runToEnd(installation, [unlucky]);
      await installation.events.append("account-1", "any", [paid(6)]);
      const { runner } = await runToEnd(installation, [unlucky]);
      expect(await stored(installation, unlucky, ["1"])).toMatchObject({ "1": { payments: [1] } });
      expect(runner.status()[0]?.parked).toMatchObject([{ document: "1", position: 3 }]);
    });

    test("a mended program takes it up where it stopped, also what came meanwhile", async () => {
      const installation = await parked();
      await runToEnd(installation, [unlucky]);
      await installation.events.append("account-1", "any", [paid(6)]);
      const mended = balancesOf();
      const { runner } = await runToEnd(installation, [mended]);
      expect(await stored(installation, mended, ["1", "2"])).toEqual(
        await plainFold(installation, mended),
      );
      expect(runner.status()[0]?.parked).toEqual([]);
      // And it stays mended: nothing is left that a later start would take up again.
      const again = await runToEnd(installation, [mended]);
      expect(again.runner.status()[0]?.parked).toEqual([]);
    });
  });

  // Inline projections too: one poisoned stream must not hold up sign-in for everybody else.
  test("a fold of an inline projection that throws holds up no other document", async () => {
    const unlucky = balancesOf(
      (row, amount) => {
        if (amount === 13) throw new Error("thirteen");
        return add(row, amount);
      },
      { inline: true },
    );
    const installation = await install();
    const { events } = installation;
    await events.append("account-1", "none", [opened(), paid(13)]);
    const { position } = await events.append("account-2", "none", [opened(), paid(2)]);
    const { runner, views, errors } = await start(installation, [unlucky, ownersOf()]);
    await views.waitFor("owners", position, 30_000);
    while (errors.length === 0 && runner.status()[0]?.state !== "live") await turn();
    expect(errors).toEqual([]);
    expect(await stored(installation, unlucky, ["2"])).toMatchObject({ "2": { total: 2 } });
    expect(runner.status()[0]?.parked).toMatchObject([{ document: "1", error: "thirteen" }]);
  });

  describe("an event type that the program does not know", () => {
    const { Closed: _, ...older } = account.events;
    const olderCatalogue = catalogueOf([{ ...account, events: older }, door]);
    const balances = { ...balancesOf(), events: older };

    async function withUnknown() {
      const installation = await install();
      const { events } = installation;
      await events.append("account-1", "none", [opened(), paid(1)]);
      await events.append("account-1", 1, [closed()]);
      await events.append("account-2", "none", [opened(), paid(2)]);
      await events.append("door-1", "none", [newEvent("Knocked", { by: "grace" })]);
      return installation;
    }

    // Skipping it would leave documents wrong for ever, without anybody noticing.
    test("stops the projection before it, and shows", async () => {
      const installation = await withUnknown();
      const { runner, errors, views } = await runToEnd(installation, [balances], olderCatalogue);
      const stopped = { position: 3, type: "Closed" };
      expect(runner.status()).toMatchObject([{ state: "stopped", position: 2, stopped }]);
      expect(await views.checkpoint(collectionOf(balances))).toMatchObject({
        position: 2,
        stopped,
      });
      expect(String(errors[0])).toContain("balances stops at Closed");
      const found = await stored(installation, balances, ["1", "2"]);
      expect(found).toMatchObject({ "1": { total: 1 } });
      expect(Object.keys(found)).toEqual(["1"]);
    });

    test("does not stop a projection of other categories", async () => {
      const installation = await withUnknown();
      const projections = [balances, knocksOf()];
      const { runner } = await runToEnd(installation, projections, olderCatalogue);
      expect(runner.status()).toMatchObject([{ state: "stopped" }, { state: "live" }]);
      expect(await stored(installation, knocksOf(), ["1"])).toMatchObject({ "1": { count: 1 } });
    });

    test("of a category that is unknown too stops all of them", async () => {
      const installation = await withUnknown();
      await installation.events.append("window-1", "none", [newEvent("Broken", {})]);
      const { runner } = await runToEnd(installation, [knocksOf()], olderCatalogue);
      expect(runner.status()).toMatchObject([{ state: "stopped", stopped: { type: "Broken" } }]);
    });

    test("is folded by a program that knows it, which goes on from there", async () => {
      const installation = await withUnknown();
      await runToEnd(installation, [balances], olderCatalogue);
      const newer = balancesOf();
      const { runner, views } = await runToEnd(installation, [newer]);
      expect(runner.status()).toMatchObject([{ state: "live", stopped: undefined }]);
      expect((await views.checkpoint(collectionOf(newer)))?.stopped).toBeUndefined();
      const expected = await plainFold(installation, newer);
      expect(await stored(installation, newer, ["1", "2"])).toEqual(expected);
      expect(expected).toMatchObject({ "1": null, "2": { total: 2 } });
    });

    test("keeps a new version from replacing the one that serves", async () => {
      const installation = await withUnknown();
      await runToEnd(installation, [balancesOf()]);
      const next = { ...balances, version: 2 };
      const { views } = await runToEnd(installation, [next], olderCatalogue);
      expect(views.serving("balances")).toBe("balances-1");
      expect(await installation.documents.collections()).toContain("balances-1");
    });
  });

  describe("a new version", () => {
    const doubled = (onFold: () => void = () => {}) =>
      balancesOf(
        (row, amount) => {
          onFold();
          return add(row, amount * 2);
        },
        { version: 2 },
      );

    test("is built beside, and serves once it has caught up; then the old one is gone", async () => {
      const installation = await install();
      const { events, documents } = installation;
      for (const of of range(0, 5))
        await events.append(`account-${of}`, "none", [opened(), ...range(0, 20).map(paid)]);
      await runToEnd(installation, [balancesOf(), ownersOf()]);
      const before = await stored(installation, balancesOf(), ["1"]);

      const served = new Set<string>();
      let views: Views | undefined;
      const next = doubled(() => views && served.add(views.serving("balances")));
      views = await openViews(events, documents, [next, ownersOf()]);
      expect(views.serving("balances")).toBe("balances-1");
      expect(await stored(installation, balancesOf(), ["1"])).toEqual(before);
      const errors: unknown[] = [];
      const onError = (error: unknown) => errors.push(error);
      const parts = { events, documents, views, catalogue, now, onError };
      const runner = await startRunner(parts);
      await settled(installation, runner);
      await runner.stop();

      expect(errors).toEqual([]);
      expect([...served]).toEqual(["balances-1"]);
      expect(views.serving("balances")).toBe("balances-2");
      expect(views.serving("owners")).toBe("owners-1");
      const collections = await documents.collections();
      expect(collections).not.toContain("balances-1");
      expect(collections).toContain("owners-1");
      expect(await stored(installation, next, ["1"])).toEqual({
        "1": (await plainFold(installation, next))["1"],
      });
      const again = await openViews(events, documents, [next, ownersOf()]);
      expect(again.serving("balances")).toBe("balances-2");
      expect(await again.checkpoint(collectionOf(balancesOf()))).toBeUndefined();
    });

    // A stop in the middle must not make half a read model serve, nor delete the whole one.
    test("that is stopped while it is far behind does not serve yet", async () => {
      const installation = await install();
      const { events, documents } = installation;
      await events.append("account-1", "none", [opened()]);
      for (const _ of range(0, 12))
        await events.append("account-1", "any", range(0, 1000).map(paid));
      await runToEnd(installation, [balancesOf()]);
      const before = await stored(installation, balancesOf(), ["1"]);

      let runner: Runner | undefined;
      const started = await start(installation, [doubled(() => void runner?.stop())]);
      runner = started.runner;
      while (runner.status()[0]?.position === 0) await turn();
      await runner.stop();
      expect(runner.status()[0]?.position).toBeLessThan(await events.head());
      expect(started.views.serving("balances")).toBe("balances-1");
      expect(await documents.collections()).toContain("balances-1");
      expect(await stored(installation, balancesOf(), ["1"])).toEqual(before);

      const { views } = await runToEnd(installation, [doubled()]);
      expect(views.serving("balances")).toBe("balances-2");
      expect(await stored(installation, doubled(), ["1"])).toEqual(
        await plainFold(installation, doubled()),
      );
    });

    test("leaves another projection alone whose name begins with its own", async () => {
      const installation = await install();
      await installation.events.append("account-1", "none", [opened(), paid(1)]);
      const other = balancesOf(add, { name: "balances-by-owner" });
      await runToEnd(installation, [balancesOf(), other]);
      await runToEnd(installation, [doubled(), other]);
      expect(await installation.documents.collections()).toContain("balances-by-owner-1");
      expect(await stored(installation, other, ["1"])).toMatchObject({ "1": { total: 1 } });
    });

    test("may be an older one again", async () => {
      const installation = await install();
      await installation.events.append("account-1", "none", [opened(), paid(1)]);
      await runToEnd(installation, [doubled()]);
      const { views } = await runToEnd(installation, [balancesOf()]);
      expect(views.serving("balances")).toBe("balances-1");
      expect(await stored(installation, balancesOf(), ["1"])).toMatchObject({ "1": { total: 1 } });
    });
  });

  describe("documents of another history", () => {
    // Positions of one log mean nothing in another: kept documents would be a mix of both.
    test("of another log are discarded and built again", async () => {
      const one = await install("one");
      const other = await install("other");
      await one.events.append("account-1", "none", [opened("grace"), paid(1), paid(2)]);
      await other.events.append("account-1", "none", [opened("mary"), paid(5)]);
      await runToEnd(one, [balancesOf()]);
      const swapped = { events: other.events, documents: one.documents };
      await runToEnd(swapped, [balancesOf()]);
      expect(await stored(swapped, balancesOf(), ["1"])).toEqual(
        await plainFold(swapped, balancesOf()),
      );
    });

    test("beyond the end of a restored log are discarded and built again", async () => {
      const before = await install();
      await before.events.append("account-1", "none", [opened(), paid(1)]);
      await place.closed(before.events);
      await copyFile(place.file("one-events.db"), place.file("backup.db"));
      const events = await place.opened(openSqliteEventStore(place.file("one-events.db")));
      await events.append("account-1", 1, [paid(2), closed()]);
      await runToEnd({ ...before, events }, [balancesOf()]);
      await place.closed(events);

      await copyFile(place.file("backup.db"), place.file("one-events.db"));
      const restored = {
        ...before,
        events: await place.opened(openSqliteEventStore(place.file("one-events.db"))),
      };
      await runToEnd(restored, [balancesOf()]);
      expect(await stored(restored, balancesOf(), ["1"])).toMatchObject({ "1": { payments: [1] } });
    });
  });
});
