import { mkdtempSync } from "node:fs";
import {
  type Batch,
  DuplicateEventId,
  type EventStore,
  type NewEvent,
  type ReadOptions,
  WrongExpectedRevision,
} from "@daybook/adapters";
import { catalogueOf, defineDecider, personal, type RecordedEvent } from "@daybook/domain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../support/folder.ts";

// Two kinds of streams, so that a category can be told from the others. Notes are personal, so that
// a store that seals has something to seal in every test.
const recordedOnly = { commands: {}, initial: 0, decide: {} };
const counter = defineDecider<number>()({
  ...recordedOnly,
  stream: "counter",
  events: {
    Counted: z.object({ n: z.int(), note: personal(z.string()) }),
    Skipped: z.object({ n: z.int() }),
  },
  evolve: { Counted: (state) => state + 1, Skipped: (state) => state },
});
const probe = defineDecider<number>()({
  ...recordedOnly,
  stream: "probe",
  events: { Probed: z.object({ n: z.int() }) },
  evolve: { Probed: (state) => state },
});
export const contractCatalogue = catalogueOf([counter, probe]);

const NOON = Date.parse("2026-01-01T12:00:00.000Z");

/** Ids are UUIDv7 whose last part counts, so that a test can name them and they stay in order. */
const idOf = (n: number) => `019b7a2c-6c00-7000-8000-${n.toString(16).padStart(12, "0")}`;
let made = 0;

const eventOf = (
  type: string,
  n: number,
  data: Record<string, unknown>,
  { id = idOf(++made), at = NOON }: { id?: string; at?: number } = {},
): NewEvent => ({
  id,
  type,
  data: { n, ...data },
  meta: {
    at: new Date(at).toISOString(),
    actor: { kind: "user", id: "ada" },
    organization: "acme",
    subject: "grace",
    commandId: id,
    correlationId: id,
    schemaVersion: 1,
    ip: "192.0.2.7",
  },
});

const counted = (n: number, options?: { id?: string; at?: number }) =>
  eventOf("Counted", n, { note: `note ${n}` }, options);
const skipped = (n: number) => eventOf("Skipped", n, {});
const probed = (n: number, options?: { id?: string; at?: number }) =>
  eventOf("Probed", n, {}, options);

const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => counted(from + at));

const all = (events: AsyncIterable<RecordedEvent>) => Array.fromAsync(events);
const numbers = async (events: AsyncIterable<RecordedEvent>) =>
  (await all(events)).map(({ data }) => data.n);
const revisions = async (events: AsyncIterable<RecordedEvent>) =>
  (await all(events)).map(({ revision }) => revision);

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

/** Reads a subscription until it has passed a position and the end of the log, then aborts it. */
async function follow(
  store: EventStore,
  options: { after: number; types?: readonly string[] },
  until: (batch: Batch, given: readonly RecordedEvent[]) => boolean,
): Promise<{ batches: Batch[]; events: RecordedEvent[] }> {
  const abort = new AbortController();
  const batches: Batch[] = [];
  const events: RecordedEvent[] = [];
  for await (const batch of store.subscribe({ ...options, signal: abort.signal })) {
    batches.push(batch);
    events.push(...batch.events);
    if (until(batch, events)) abort.abort();
  }
  return { batches, events };
}

/** What a store is excused from, which says why itself. */
export type Excused = {
  /** It finds known ids only where they repeat an append, or are appended at any revision. */
  idsElsewhere?: boolean;
};

/**
 * What every event store keeps to, plain or wrapped. `open` opens the store of a name, the path of a
 * folder that is empty at first; a second time on the same, as another process would.
 */
export function eventStoreContract(
  name: string,
  open: (folder: string) => Promise<EventStore>,
  excused: Excused = {},
): void {
  const idsElsewhere = test.skipIf(excused.idsElsewhere);

  describe(name, () => {
    const place = temporaryFolder();
    const opened = () => place.opened(open(place.path()));

    describe("append", () => {
      test("a new stream begins at revision 0", async () => {
        const store = await opened();
        const { revision, position } = await store.append("counter-1", "none", [counted(0)]);
        expect(revision).toBe(0);
        expect(position).toBeGreaterThan(0);
        expect(await store.head()).toBe(position);
      });

      test("what is read is what was appended", async () => {
        const store = await opened();
        const event = counted(7);
        const { position } = await store.append("counter-1", "none", [event]);
        const recorded = { ...event, stream: "counter-1", revision: 0, position };
        expect(await all(store.readStream("counter-1"))).toEqual([recorded]);
        expect(await all(store.readAll())).toEqual([recorded]);
      });

      test("the answer tells where the last event of several stands", async () => {
        const store = await opened();
        const appended = await store.append("counter-1", "none", many(3));
        const events = await all(store.readStream("counter-1"));
        expect(events.map(({ revision }) => revision)).toEqual([0, 1, 2]);
        const position = events[2]?.position;
        expect(appended).toEqual({ revision: 2, position, repeated: false });
      });

      test("an exact revision goes on behind it", async () => {
        const store = await opened();
        await store.append("counter-1", "none", many(2));
        expect(await store.append("counter-1", 1, [counted(2)])).toMatchObject({ revision: 2 });
        expect(await numbers(store.readStream("counter-1"))).toEqual([0, 1, 2]);
      });

      test("any revision is mere recording", async () => {
        const store = await opened();
        expect(await store.append("counter-1", "any", [counted(0)])).toMatchObject({ revision: 0 });
        expect(await store.append("counter-1", "any", [counted(1)])).toMatchObject({ revision: 1 });
      });

      test.each([
        { found: "none" as const, expected: 0 },
        { found: "none" as const, expected: 4 },
        { found: 1, expected: "none" as const },
        { found: 1, expected: 0 },
        { found: 1, expected: 2 },
      ])("a stream at $found refuses an append at $expected", async ({ found, expected }) => {
        const store = await opened();
        if (found === 1) await store.append("counter-1", "none", many(2));
        const error = await store.append("counter-1", expected, [counted(9)]).catch((one) => one);
        expect(error).toBeInstanceOf(WrongExpectedRevision);
        expect(error).toMatchObject({ stream: "counter-1", actual: found });
        expect(await numbers(store.readAll())).toEqual(found === 1 ? [0, 1] : []);
      });

      test("streams of which one's name begins the other's are apart", async () => {
        const store = await opened();
        await store.append("counter-1", "none", [counted(1)]);
        await store.append("counter-10", "none", [counted(10)]);
        expect(await numbers(store.readStream("counter-1"))).toEqual([1]);
        expect(await numbers(store.readStream("counter-10"))).toEqual([10]);
      });

      // A refused append must leave no trace: one duplicate among several keeps all of them out.
      idsElsewhere("several are appended together or not at all", async () => {
        const store = await opened();
        await store.append("counter-1", "none", [counted(0, { id: idOf(0xffff_0001) })]);
        const mixed = [counted(1), counted(2, { id: idOf(0xffff_0001) }), counted(3)];
        await expect(store.append("counter-2", "none", mixed)).rejects.toThrow(DuplicateEventId);
        expect(await all(store.readStream("counter-2"))).toEqual([]);
        expect(await numbers(store.readAll())).toEqual([0]);
        // Nor is a revision lost by it.
        expect(await store.append("counter-2", "none", [counted(4)])).toMatchObject({
          revision: 0,
        });
      });

      test("an id that stands twice in one append is refused", async () => {
        const store = await opened();
        const twice = [
          counted(0, { id: idOf(0xffff_0002) }),
          counted(1, { id: idOf(0xffff_0002) }),
        ];
        await expect(store.append("counter-1", "none", twice)).rejects.toThrow(DuplicateEventId);
        expect(await all(store.readAll())).toEqual([]);
      });
    });

    // A retry after an answer that was lost must neither append twice nor be refused.
    describe("append, repeated", () => {
      test.each(["none", "any", 1] as const)("at %s is answered as the first time", async (at) => {
        const store = await opened();
        if (at === 1) await store.append("counter-1", "none", many(2));
        const events = many(3, 10);
        const first = await store.append("counter-1", at, events);
        const again = { ...first, repeated: true };
        expect(await store.append("counter-1", at, events)).toEqual(again);
        await store.append("counter-1", "any", [counted(20)]);
        expect(await store.append("counter-1", at, events)).toEqual(again);
        expect(await numbers(store.readStream("counter-1"))).toEqual([
          ...(at === 1 ? [0, 1] : []),
          ...[10, 11, 12, 20],
        ]);
      });

      test("at an earlier revision is refused", async () => {
        const store = await opened();
        const events = many(2);
        await store.append("counter-1", "none", events);
        await expect(store.append("counter-1", 0, events)).rejects.toThrow(WrongExpectedRevision);
      });

      idsElsewhere("at the revision it led to is refused", async () => {
        const store = await opened();
        const events = many(2);
        await store.append("counter-1", "none", events);
        await expect(store.append("counter-1", 1, events)).rejects.toThrow(DuplicateEventId);
      });

      idsElsewhere.each(["none", "any"] as const)(
        "on another stream at %s is refused",
        async (at) => {
          const store = await opened();
          const events = many(2);
          await store.append("counter-1", "none", events);
          await expect(store.append("counter-2", at, events)).rejects.toThrow(DuplicateEventId);
          expect(await all(store.readStream("counter-2"))).toEqual([]);
        },
      );

      test("in another order is refused", async () => {
        const store = await opened();
        const events = many(2);
        await store.append("counter-1", "none", events);
        await expect(store.append("counter-1", "any", events.toReversed())).rejects.toThrow(
          DuplicateEventId,
        );
      });

      test("with one more event is refused", async () => {
        const store = await opened();
        const events = many(2);
        await store.append("counter-1", "none", events);
        const more = [...events, counted(2)];
        await expect(store.append("counter-1", "none", more)).rejects.toThrow(
          WrongExpectedRevision,
        );
        await expect(store.append("counter-1", "any", more)).rejects.toThrow(DuplicateEventId);
      });
    });

    describe("append, at once", () => {
      test("200 on 20 streams are all there, each stream without a gap", async () => {
        const store = await opened();
        const appended = await Promise.all(
          range(0, 200).map((n) => store.append(`counter-${n % 20}`, "any", [counted(n)])),
        );
        expect(new Set(appended.map(({ position }) => position)).size).toBe(200);
        expect((await numbers(store.readAll())).toSorted((a, b) => Number(a) - Number(b))).toEqual(
          range(0, 200),
        );
        for (const one of range(0, 20))
          expect(await revisions(store.readStream(`counter-${one}`))).toEqual(range(0, 10));
      });

      test("200 on one stream get a revision each", async () => {
        const store = await opened();
        const appended = await Promise.all(
          range(0, 200).map((n) => store.append("counter-1", "any", [counted(n)])),
        );
        const given = appended.map(({ revision }) => revision).toSorted((a, b) => a - b);
        expect(given).toEqual(range(0, 200));
        expect(await revisions(store.readStream("counter-1"))).toEqual(range(0, 200));
      });

      // Every rule of the product rests on this: a decision holds only if nobody else was first.
      test("of 200 that expect the same revision one is let through", async () => {
        const store = await opened();
        const outcomes = await Promise.allSettled(
          range(0, 200).map((n) => store.append("counter-1", "none", [counted(n)])),
        );
        const refused = outcomes.filter(({ status }) => status === "rejected");
        expect(refused).toHaveLength(199);
        for (const one of refused)
          expect((one as PromiseRejectedResult).reason).toBeInstanceOf(WrongExpectedRevision);
        expect(await all(store.readStream("counter-1"))).toHaveLength(1);
      });

      test("50 that read, append and try again on conflict all get through", async () => {
        const store = await opened();
        async function increment(n: number): Promise<void> {
          for (;;) {
            const [last] = await all(
              store.readStream("counter-1", { direction: "backwards", limit: 1 }),
            );
            try {
              await store.append("counter-1", last?.revision ?? "none", [counted(n)]);
              return;
            } catch (error) {
              if (!(error instanceof WrongExpectedRevision)) throw error;
            }
          }
        }
        await Promise.all(range(0, 50).map(increment));
        expect(await revisions(store.readStream("counter-1"))).toEqual(range(0, 50));
        expect(new Set(await numbers(store.readStream("counter-1"))).size).toBe(50);
      });
    });

    describe("read", () => {
      const some = async () => {
        const store = await opened();
        await store.append("counter-1", "none", [counted(0), skipped(1), counted(2), skipped(3)]);
        await store.append("probe-1", "none", [probed(4)]);
        await store.append("counter-1", 3, [counted(5)]);
        return store;
      };

      test("a stream that does not exist is empty", async () => {
        expect(await all((await opened()).readStream("counter-9"))).toEqual([]);
      });

      test("an empty log has no head", async () => {
        const store = await opened();
        expect(await store.head()).toBe(0);
        expect(await all(store.readAll())).toEqual([]);
        expect(await all(store.readAll({ direction: "backwards" }))).toEqual([]);
      });

      const ofStream: [ReadOptions, number[]][] = [
        [{}, [0, 1, 2, 3, 5]],
        [{ direction: "backwards" }, [5, 3, 2, 1, 0]],
        [{ from: 2 }, [2, 3, 5]],
        [{ from: 2, direction: "backwards" }, [2, 1, 0]],
        [{ from: 9 }, []],
        [{ from: 9, direction: "backwards" }, [5, 3, 2, 1, 0]],
        [{ limit: 2 }, [0, 1]],
        [{ limit: 0 }, []],
        [{ from: 1, limit: 2 }, [1, 2]],
        [{ direction: "backwards", limit: 1 }, [5]],
        [{ types: ["Skipped"] }, [1, 3]],
        [{ types: ["Skipped", "Probed"] }, [1, 3]],
        [{ types: [] }, []],
        [{ types: ["Counted"], direction: "backwards", limit: 2 }, [5, 2]],
        [{ types: ["Counted"], from: 1, limit: 1 }, [2]],
      ];
      test("a stream is read as asked", async () => {
        const store = await some();
        for (const [options, expected] of ofStream)
          expect(
            await numbers(store.readStream("counter-1", options)),
            JSON.stringify(options),
          ).toEqual(expected);
      });

      const ofLog: [ReadOptions, number[]][] = [
        [{}, [0, 1, 2, 3, 4, 5]],
        [{ direction: "backwards" }, [5, 4, 3, 2, 1, 0]],
        [{ types: ["Probed", "Skipped"] }, [1, 3, 4]],
        [{ types: ["Probed"], direction: "backwards" }, [4]],
        [{ limit: 3 }, [0, 1, 2]],
        [{ direction: "backwards", limit: 2 }, [5, 4]],
      ];
      test("the log is read as asked", async () => {
        const store = await some();
        for (const [options, expected] of ofLog)
          expect(await numbers(store.readAll(options)), JSON.stringify(options)).toEqual(expected);
      });

      test("the log from a position gives that one too, in both directions", async () => {
        const store = await some();
        const events = await all(store.readAll());
        const { position } = events[2] as RecordedEvent;
        expect(await numbers(store.readAll({ from: position }))).toEqual([2, 3, 4, 5]);
        expect(await numbers(store.readAll({ from: position, direction: "backwards" }))).toEqual([
          2, 1, 0,
        ]);
      });

      test("positions rise in the order of appends, over all streams", async () => {
        const events = await all((await some()).readAll());
        const positions = events.map(({ position }) => position);
        expect(positions).toEqual(positions.toSorted((a, b) => a - b));
        expect(new Set(positions).size).toBe(6);
      });

      // More than a store reads at once: nothing may be lost or doubled between two pages.
      test("2,500 events are read whole, in both directions, with and without a filter", async () => {
        const store = await opened();
        for (const from of range(0, 5))
          await store.append(
            "counter-1",
            from === 0 ? "none" : from * 500 - 1,
            range(0, 500).map((n) => (n % 2 ? skipped : counted)(from * 500 + n)),
          );
        const odd = range(0, 1250).map((n) => 2 * n + 1);
        for (const read of [
          (options?: ReadOptions) => numbers(store.readStream("counter-1", options)),
          (options?: ReadOptions) => numbers(store.readAll(options)),
        ]) {
          expect(await read()).toEqual(range(0, 2500));
          expect(await read({ direction: "backwards" })).toEqual(range(0, 2500).reverse());
          expect(await read({ types: ["Skipped"] })).toEqual(odd);
          expect(await read({ types: ["Skipped"], direction: "backwards", limit: 1100 })).toEqual(
            odd.toReversed().slice(0, 1100),
          );
          expect(await read({ limit: 1000 })).toEqual(range(0, 1000));
          expect(await read({ limit: 1001 })).toEqual(range(0, 1001));
        }
        const { events } = await follow(store, { after: 0 }, ({ live }) => live);
        expect(events.map(({ revision }) => revision)).toEqual(range(0, 2500));
      });

      test("a read that is left early leaves nothing open", async () => {
        const store = await opened();
        await store.append("counter-1", "none", many(1500));
        for await (const event of store.readAll()) if (event.revision === 3) break;
        expect(await store.append("counter-1", 1499, [counted(1500)])).toMatchObject({
          revision: 1500,
        });
      });
    });

    describe("subscribe", () => {
      test("catches up, then goes on live", async () => {
        const store = await opened();
        await store.append("counter-1", "none", many(2));
        const { events, batches } = await follow(store, { after: 0 }, (batch, given) => {
          if (batch.live && given.length === 2)
            store.append("counter-1", 1, [counted(2)]).catch(expect.fail);
          return given.length === 3;
        });
        expect(events.map(({ revision }) => revision)).toEqual([0, 1, 2]);
        expect(batches.at(-1)?.position).toBe(await store.head());
      });

      test("begins behind the position it is given", async () => {
        const store = await opened();
        const { position } = await store.append("counter-1", "none", many(2));
        await store.append("counter-1", 1, [counted(2)]);
        const { events } = await follow(store, { after: position }, ({ live }) => live);
        expect(events.map(({ revision }) => revision)).toEqual([2]);
      });

      test("of an empty log tells that it is live at once", async () => {
        const { batches } = await follow(await opened(), { after: 0 }, ({ live }) => live);
        expect(batches).toEqual([{ events: [], position: 0, live: true }]);
      });

      // A checkpoint must move on over what does not match, or a restart would read it all again.
      test("tells positions also where the filter skips", async () => {
        const store = await opened();
        await store.append("counter-1", "none", [counted(0)]);
        const { position } = await store.append("counter-1", 0, [skipped(1), skipped(2)]);
        const { events, batches } = await follow(
          store,
          { after: 0, types: ["Counted"] },
          (batch, given) => {
            if (batch.live && batch.position === position)
              store.append("probe-1", "none", [probed(3)]).catch(expect.fail);
            return given.length === 1 && batch.position > position;
          },
        );
        expect(events.map(({ data }) => data.n)).toEqual([0]);
        expect(batches.at(-1)?.position).toBe(await store.head());
      });

      test("has no gap and no repeat while others append", async () => {
        const store = await opened();
        await store.append("counter-0", "none", many(1500));
        const subscribers = range(0, 3).map(() =>
          follow(store, { after: 0 }, (_, given) => given.length === 1800),
        );
        await Promise.all(
          range(0, 300).map((n) => store.append(`counter-${n % 7}`, "any", [counted(n)])),
        );
        const log = (await all(store.readAll())).map(({ id }) => id);
        expect(log).toHaveLength(1800);
        for (const { events, batches } of await Promise.all(subscribers)) {
          expect(events.map(({ id }) => id)).toEqual(log);
          const positions = batches.map(({ position }) => position);
          expect(positions).toEqual(positions.toSorted((a, b) => a - b));
          for (const { events: given, position } of batches)
            for (const event of given) expect(event.position).toBeLessThanOrEqual(position);
        }
      });

      test("an abort ends one that waits, and one that was aborted before gives nothing", async () => {
        const store = await opened();
        const abort = new AbortController();
        const batches: Batch[] = [];
        for await (const batch of store.subscribe({ after: 0, signal: abort.signal })) {
          batches.push(batch);
          // After the loop has gone to wait for more.
          setTimeout(() => abort.abort());
        }
        expect(batches).toHaveLength(1);
        const never = store.subscribe({ after: 0, signal: AbortSignal.abort() });
        expect(await Array.fromAsync(never)).toEqual([]);
      });
    });

    // The operator's commands run beside the server, on the same log.
    describe("opened twice, as by another process", () => {
      test("both append to one log", async () => {
        const [one, other] = [await opened(), await opened()];
        expect(other.logId).toBe(one.logId);
        await one.append("counter-1", "none", [counted(0)]);
        await other.append("counter-1", 0, [counted(1)]);
        await expect(one.append("counter-1", 0, [counted(9)])).rejects.toThrow(
          WrongExpectedRevision,
        );
        await one.append("counter-1", 1, [counted(2)]);
        expect(await numbers(other.readStream("counter-1"))).toEqual([0, 1, 2]);
        expect(await one.head()).toBe(await other.head());
      });

      test("200 appends at once from both conflict as if there was one", async () => {
        const stores = [await opened(), await opened()];
        const outcomes = await Promise.allSettled(
          range(0, 200).map((n) =>
            (stores[n % 2] as EventStore).append(`counter-${n >> 2}`, "none", [counted(n)]),
          ),
        );
        expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(50);
        for (const one of outcomes)
          if (one.status === "rejected") expect(one.reason).toBeInstanceOf(WrongExpectedRevision);
        expect(await all((stores[0] as EventStore).readAll())).toHaveLength(50);
      });

      test("each sees live what the other appends", async () => {
        const [one, other] = [await opened(), await opened()];
        const seen = follow(one, { after: 0 }, (batch, given) => {
          if (batch.live && given.length < 3)
            other.append("counter-1", "any", [counted(given.length)]).catch(expect.fail);
          return given.length === 3;
        });
        expect((await seen).events.map(({ revision }) => revision)).toEqual([0, 1, 2]);
      });
    });

    describe("retention", () => {
      const early = { at: NOON - 60_000 };
      const before = new Date(NOON);

      test("deletes a category's events from before an instant, and no others", async () => {
        const store = await opened();
        await store.append("counter-1", "none", [counted(0, early), counted(1, early), counted(2)]);
        await store.append("probe-1", "none", [probed(3, early)]);
        expect(await store.deleteBefore("counter", before)).toBe(2);
        expect(await numbers(store.readAll())).toEqual([2, 3]);
        expect(await revisions(store.readStream("counter-1"))).toEqual([2]);
        expect(await store.deleteBefore("counter", before)).toBe(0);
      });

      test("a category is not taken for another that its name begins", async () => {
        const store = await opened();
        await store.append("probes-1", "none", [probed(0, early)]);
        await store.append("probe.1-1", "none", [probed(1, early)]);
        await store.append("probe-1", "none", [probed(2, early)]);
        expect(await store.deleteBefore("probe", before)).toBe(1);
        expect(await numbers(store.readAll())).toEqual([0, 1]);
      });

      // An optimistic lock would let two decisions through if a revision came a second time.
      test("revisions go on where they were, also of a stream that was emptied", async () => {
        const store = await opened();
        await store.append("counter-1", "none", [counted(0, early), counted(1, early)]);
        await store.deleteBefore("counter", before);
        expect(await all(store.readStream("counter-1"))).toEqual([]);
        const fresh = store.append("counter-1", "none", [counted(9)]);
        await expect(fresh).rejects.toMatchObject({ actual: 1 });
        expect(await store.append("counter-1", 1, [counted(2)])).toMatchObject({ revision: 2 });
        expect(await store.append("counter-1", "any", [counted(3)])).toMatchObject({ revision: 3 });
      });

      // The time is the command's: one that waited stands behind younger ones with an older time.
      test("revisions go on where the newest event went before older ones", async () => {
        const store = await opened();
        await store.append("counter-1", "none", [counted(0), counted(1, early)]);
        expect(await store.deleteBefore("counter", before)).toBe(1);
        expect(await store.append("counter-1", "any", [counted(2)])).toMatchObject({ revision: 2 });
        expect(await revisions(store.readStream("counter-1"))).toEqual([0, 2]);
      });

      // Read models take a checkpoint beyond the head for that of another log, and start over.
      test("the head stays where it was, and no position comes a second time", async () => {
        const store = await opened();
        const { position } = await store.append("probe-1", "none", [probed(0, early)]);
        await store.deleteBefore("probe", before);
        expect(await store.head()).toBe(position);
        const next = await store.append("counter-1", "none", [counted(1)]);
        expect(next.position).toBeGreaterThan(position);
      });

      test("more than are deleted in one step all go", async () => {
        const store = await opened();
        const events = range(0, 2500).map((n) => probed(n, early));
        await store.append("probe-1", "none", events);
        expect(await store.deleteBefore("probe", before)).toBe(2500);
        expect(await all(store.readAll())).toEqual([]);
        expect(await store.append("probe-1", 2499, [probed(1)])).toMatchObject({ revision: 2500 });
      });
    });

    describe("reopened", () => {
      test("everything is there, under the same log id", async () => {
        const store = await opened();
        const { logId } = store;
        await store.append("counter-1", "none", many(3));
        await store.append("probe-1", "none", [probed(3)]);
        const [log, head] = [await all(store.readAll()), await store.head()];
        await place.closed(store);

        const again = await opened();
        expect(again.logId).toBe(logId);
        expect(await all(again.readAll())).toEqual(log);
        expect(await again.head()).toBe(head);
        expect(await again.append("counter-1", 2, [counted(4)])).toMatchObject({ revision: 3 });
      });

      // A writer must never be told of an event that the next start does not have, nor the reverse.
      test("an append that the close overtook is either answered and stored, or neither", async () => {
        const store = await opened();
        const appends = range(0, 50).map((n) => store.append(`counter-${n}`, "none", [counted(n)]));
        const [outcomes] = await Promise.all([Promise.allSettled(appends), place.closed(store)]);
        const answered = range(0, 50).filter((n) => outcomes[n]?.status === "fulfilled");
        const there = await numbers((await opened()).readAll());
        expect(there.toSorted((a, b) => Number(a) - Number(b))).toEqual(answered);
      });

      test("two logs have two ids", async () => {
        const store = await opened();
        const other = await place.opened(open(mkdtempSync(place.file("other-"))));
        expect(other.logId).not.toBe(store.logId);
      });
    });

    test("a ping answers while it is open", async () => {
      const store = await opened();
      await store.ping();
      await place.closed(store);
      await expect(store.ping()).rejects.toThrow();
    });
  });
}
