import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { EventStore } from "@daybook/adapters";
import { catalogueOf, defineDecider, personal, type RecordedEvent } from "@daybook/domain";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { openPlain, openSealed } from "../contracts/stores.ts";
import { newEvent } from "../support/events.ts";
import { temporaryFolder } from "../support/folder.ts";

const counter = defineDecider<number>()({
  stream: "counter",
  commands: {},
  events: {
    Counted: z.object({ n: z.int() }),
    Noted: z.object({ n: z.int(), note: personal(z.string()) }),
    Skipped: z.object({ n: z.int() }),
  },
  initial: 0,
  decide: {},
  evolve: { Counted: (n) => n, Noted: (n) => n, Skipped: (n) => n },
});
const catalogue = catalogueOf([counter]);
const types = ["Counted", "Noted", "Skipped"] as const;

const turn = () => new Promise((resolve) => setImmediate(resolve));
const turns = async (count: number) => {
  for (let n = 0; n < count; n++) await turn();
};

/** One who appends: to which stream how many events of which type, and how long after the last. */
const append = fc.record({
  stream: fc.nat(5),
  type: fc.constantFrom(...types),
  // Mostly few; sometimes enough that a reader needs several pages.
  count: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 1, max: 5 }) },
    { weight: 1, arbitrary: fc.constantFrom(999, 1000, 1001) },
  ),
  turns: fc.nat(5),
});
type Append = typeof append extends fc.Arbitrary<infer A> ? A : never;

/** One who reads: from when and where on, how fast, and after how many events they break off. */
const reading = fc.record({
  startsAfterTurns: fc.nat(30),
  /** In thousandths of the log as it is then. */
  from: fc.oneof(fc.constant(0), fc.nat(1000)),
  types: fc.option(fc.subarray([...types], { minLength: 1 }), { nil: undefined }),
  turnsPerBatch: fc.oneof(fc.constant(0), fc.nat(20)),
  breaksOff: fc.array(fc.oneof(fc.nat(20), fc.nat(1500)), { maxLength: 6 }),
});
type Reading = typeof reading extends fc.Arbitrary<infer R> ? R : never;

async function appendAll(store: EventStore, appends: readonly Append[]) {
  const running = [];
  for (const { stream, type, count, turns: before } of appends) {
    await turns(before);
    const events = Array.from({ length: count }, (_, n) =>
      newEvent(type, { n, note: `note ${n}` }),
    );
    const plain = events.map((event) =>
      type === "Noted" ? event : { ...event, data: { n: event.data.n } },
    );
    running.push(store.append(`counter-${stream}`, "any", plain));
  }
  await Promise.all(running);
}

/**
 * Reads until everything up to `end` was given. After as many events as it says it breaks off in the
 * middle of a batch, and goes on behind what it had worked on, as a program that was stopped.
 */
async function read(store: EventStore, end: Promise<number>, how: Reading) {
  await turns(how.startsAfterTurns);
  const start = Math.floor(((await store.head()) * how.from) / 1000);
  const seen: RecordedEvent[] = [];
  let position = start;
  let last = Number.POSITIVE_INFINITY;
  let abort = new AbortController();
  // Where nothing comes any more, the wait for it is ended.
  end.then((at) => {
    last = at;
    if (position >= last) abort.abort();
  });
  for (const patience of [...how.breaksOff, Number.POSITIVE_INFINITY]) {
    if (position >= last) break;
    abort = new AbortController();
    let left = patience;
    const options = {
      after: position,
      signal: abort.signal,
      ...(how.types && { types: how.types }),
    };
    for await (const batch of store.subscribe(options)) {
      await turns(how.turnsPerBatch);
      const worked = batch.events.slice(0, left);
      seen.push(...worked);
      left -= worked.length;
      const isWhole = worked.length === batch.events.length;
      expect(batch.position).toBeGreaterThanOrEqual(position);
      position = isWhole ? batch.position : (worked.at(-1)?.position ?? position);
      if (left === 0 || position >= last) abort.abort();
    }
  }
  return { start, seen };
}

const layers: [string, (folder: string) => Promise<EventStore>][] = [
  ["the embedded store", openPlain],
  ["the sealed layer over it", (folder) => openSealed(folder, catalogue)],
];

describe.each(layers)("subscriptions of %s", (_, open) => {
  const place = temporaryFolder();

  /** What a reader must have been given: every event of its types behind its start, in order. */
  async function expectAll(
    store: EventStore,
    { start, seen }: Awaited<ReturnType<typeof read>>,
    how: Reading,
  ) {
    const log = await Array.fromAsync(store.readAll({ from: start + 1 }));
    const wanted = log.filter(({ type }) => !how.types || how.types.includes(type as never));
    expect(seen.map(({ position }) => position)).toEqual(wanted.map(({ position }) => position));
    expect(seen).toEqual(wanted);
  }

  // Read models and reactions rest on it: one event missed or twice is wrong for ever.
  test("give every event once and in order, whoever appends meanwhile", async () => {
    const writers = fc.array(fc.array(append, { maxLength: 8 }), { minLength: 1, maxLength: 4 });
    const readers = fc.array(reading, { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(writers, readers, async (appends, readings) => {
        const folder = mkdtempSync(place.file("log-"));
        // Two handles on one log, as two processes have them.
        const stores = [await place.opened(open(folder)), await place.opened(open(folder))];
        const storeOf = (n: number) => stores[n % 2] as EventStore;
        await storeOf(0).append("counter-0", "none", [newEvent("Skipped", { n: 0 })]);
        const appended = Promise.all(appends.map((one, n) => appendAll(storeOf(n), one)));
        const end = appended.then(() => storeOf(0).head());
        const given = await Promise.all(readings.map((how, n) => read(storeOf(n >> 1), end, how)));
        const total = 1 + appends.flat().reduce((sum, { count }) => sum + count, 0);
        expect(await Array.fromAsync(storeOf(1).readAll())).toHaveLength(total);
        for (const [n, how] of readings.entries())
          await expectAll(storeOf(n), given[n] as never, how);
        for (const store of stores) await place.closed(store);
      }),
      // On a machine that is busy fewer runs, or less shrinking of what failed.
      { numRuns: 8, interruptAfterTimeLimit: 40_000 },
    );
  });

  test("give what another process appends, between what this one does", async () => {
    const store = await place.opened(open(place.path()));
    const program = join(import.meta.dirname, "appending-process.ts");
    const child = spawn(process.execPath, [program, place.file("events.db"), "counter-9", "100"], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    const exited = once(child, "exit");
    // As long as the other one is at work, so that they alternate.
    async function appendBeside() {
      for (let n = 0; child.exitCode === null; n++)
        await store.append("counter-1", "any", [newEvent("Counted", { n })]);
      expect(await exited).toEqual([0, null]);
      return store.head();
    }
    const end = appendBeside();
    const readings = fc.sample(reading, { numRuns: 6, seed: 1 });
    const given = await Promise.all(readings.map((how) => read(store, end, how)));
    for (const [n, one] of given.entries()) await expectAll(store, one, readings[n] as Reading);
    const others = await Array.fromAsync(store.readStream("counter-9"));
    expect(others.map(({ data }) => data.n)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });
});
