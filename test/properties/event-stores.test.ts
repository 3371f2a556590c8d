import { mkdtempSync } from "node:fs";
import type { EventStore, NewEvent } from "@daybook/adapters";
import { openEventStoreDb } from "@daybook/adapters/eventstoredb";
import type { RecordedEvent } from "@daybook/domain";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { openPlain } from "../contracts/stores.ts";
import { eventStoreDbs } from "../support/event-store-db.ts";
import { temporaryFolder } from "../support/folder.ts";

const servers = eventStoreDbs();
afterAll(servers.close);
const place = temporaryFolder();

const types = ["Counted", "Skipped", "Noted"];
const streams = ["till-1", "till-2", "tills-1", "door-1"];
const instant = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour));

const stream = fc.constantFrom(...streams);
const someTypes = fc.option(fc.subarray(types), { nil: undefined });
const direction = fc.constantFrom("forwards" as const, "backwards" as const);
const limit = fc.option(fc.nat(5), { nil: undefined });
/** The revision there is, mostly; else one beside it, none, or any. */
const expected = fc.oneof(
  { weight: 4, arbitrary: fc.constant("right" as const) },
  fc.constantFrom("none" as const, "any" as const, -1, 1),
);
const event = fc.record({ type: fc.constantFrom(...types), hour: fc.nat(23) });

const operation = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      ...{ stream, expected, events: fc.array(event, { minLength: 1, maxLength: 3 }) },
    }),
  },
  // An earlier append once more, as after an answer that was lost.
  fc.record({ kind: fc.constant("again" as const), which: fc.nat() }),
  fc.record({
    kind: fc.constant("read" as const),
    ...{ stream: fc.option(stream, { nil: undefined }), types: someTypes, direction, limit },
    from: fc.option(fc.nat(6), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant("follow" as const), types: someTypes, after: fc.nat(8) }),
  fc.record({
    kind: fc.constant("delete" as const),
    category: fc.constantFrom("till", "tills", "door"),
    hour: fc.nat(23),
  }),
);
type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never;

/** A store as it is asked the same as another: positions are told by their order alone. */
function asked(store: EventStore) {
  const positions: number[] = [];
  const order = (position: number) => positions.indexOf(position);
  const last = new Map<string, number>();
  const done: { stream: string; at: number | "none" | "any"; events: NewEvent[] }[] = [];

  const plain = ({ position, ...rest }: RecordedEvent) => ({ ...rest, order: order(position) });

  async function append(to: string, at: number | "none" | "any", events: NewEvent[]) {
    const answer = await store.append(to, at, events);
    if (!answer.repeated) {
      const from = answer.revision - events.length + 1;
      for await (const { position } of store.readStream(to, { from })) positions.push(position);
      last.set(to, answer.revision);
      done.push({ stream: to, at, events });
    }
    return { ...answer, position: order(answer.position) };
  }

  function revision(to: string, how: "right" | "none" | "any" | number) {
    const there = last.get(to) ?? -1;
    if (how === "none" || how === "any") return how;
    const at = there + (how === "right" ? 0 : how);
    return at < 0 ? "none" : at;
  }

  async function follow(after: number, wanted: readonly string[] | undefined) {
    const abort = new AbortController();
    const options = { after: positions[after] ?? 0, ...(wanted && { types: wanted }) };
    const events = [];
    let reached = 0;
    for await (const batch of store.subscribe({ ...options, signal: abort.signal })) {
      events.push(...batch.events.map(plain));
      reached = order(batch.position);
      if (batch.live) abort.abort();
    }
    return { events, reached };
  }

  return async (one: Operation, made: NewEvent[]): Promise<unknown> => {
    if (one.kind === "append") return append(one.stream, revision(one.stream, one.expected), made);
    if (one.kind === "delete") return store.deleteBefore(one.category, instant(one.hour));
    if (one.kind === "follow") return follow(one.after, one.types);
    if (one.kind === "again") {
      const before = done[one.which % (done.length || 1)];
      return before && append(before.stream, before.at, before.events);
    }
    const { stream: of, types: wanted, from, limit: most, direction: towards } = one;
    const start = of === undefined ? positions[from ?? -1] : from;
    const options = {
      direction: towards,
      ...(wanted && { types: wanted }),
      ...(start !== undefined && { from: start }),
      ...(most !== undefined && { limit: most }),
    };
    const events = of === undefined ? store.readAll(options) : store.readStream(of, options);
    return { events: (await Array.fromAsync(events)).map(plain), head: order(await store.head()) };
  };
}

let ids = 0;
const made = (one: Operation): NewEvent[] =>
  one.kind !== "append"
    ? []
    : one.events.map(({ type, hour }) => {
        const id = `019b7a2c-6c00-7000-8000-${(++ids).toString(16).padStart(12, "0")}`;
        const actor = { kind: "user" as const, id: "ada" };
        const at = instant(hour).toISOString();
        const ofCommand = { commandId: id, correlationId: id, schemaVersion: 1 };
        const meta = { at, actor, organization: "acme", ...ofCommand };
        return { id, type, data: { hour, text: "ä€😾" }, meta };
      });

const outcome = (answer: Promise<unknown>) =>
  answer.then(
    (value) => ({ value }),
    ({ name, actual }: { name: string; actual?: unknown }) => ({ name, actual }),
  );

// Nothing changes but the engine: whatever is done, both answer the same.
test("the embedded store and EventStoreDB answer everything alike", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 30 }), async (operations) => {
      const folders = [mkdtempSync(place.file("one-")), mkdtempSync(place.file("other-"))] as const;
      const { url } = await servers.serve(folders[1]);
      const stores = [await openPlain(folders[0]), await openEventStoreDb(url)] as const;
      const [embedded, remote] = [asked(stores[0]), asked(stores[1])];
      try {
        for (const one of operations) {
          const events = made(one);
          const [here, there] = [outcome(embedded(one, events)), outcome(remote(one, events))];
          expect(await there).toEqual(await here);
        }
      } finally {
        for (const one of stores) await one.close();
        await servers.stop();
      }
    }),
    { numRuns: 10 },
  );
});
