import { type EventStore, StoreUnavailable } from "@daybook/adapters";
import { openEventStoreDb } from "@daybook/adapters/eventstoredb";
import { describe, expect, test } from "vitest";
import { startEventStoreDb } from "../support/event-store-db.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryFolder } from "../support/folder.ts";
import { connectedStores, counted, patience } from "./stores.ts";

/** Reads along until it has been given so many events, whatever becomes of the connection. */
function follow(store: EventStore, count: number, types?: readonly string[]) {
  const abort = new AbortController();
  const given: number[] = [];
  const positions: number[] = [];
  let live = false;
  async function run() {
    const options = { after: 0, signal: abort.signal, ...(types && { types }) };
    for await (const batch of store.subscribe(options)) {
      given.push(...batch.events.map(({ data }) => Number(data.n)));
      positions.push(batch.position);
      live ||= batch.live;
      if (given.length >= count) abort.abort();
    }
    return { given, positions };
  }
  return { done: run(), given, isLive: async () => (live ? true : undefined) };
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const isDown = (store: EventStore, down: boolean) =>
  eventually(async () => (store.connection().down === down ? true : undefined));

describe("a subscription", () => {
  const { server, store } = connectedStores();

  // Read models and reactions rest on it: one event missed or twice is wrong for ever.
  test("that is dropped every 400 answers gives every event once", async () => {
    const till = await store();
    for (const from of upTo(5))
      await till.append("till-1", from === 0 ? "none" : from * 500 - 1, counted(500, from * 500));
    const { misbehave } = await server();
    await misbehave({ dropAfter: 400 });
    const { given, positions } = await follow(till, 2500).done;
    expect(given).toEqual(upTo(2500));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(till.connection().restarts).toBeGreaterThanOrEqual(5);
  });

  test("that is dropped while it is live goes on where it was", async () => {
    const till = await store();
    const following = follow(till, 30);
    const { drop } = await server();
    for (const n of upTo(30)) {
      await till.append("till-1", n === 0 ? "none" : n - 1, counted(1, n));
      if (n % 6 !== 0) continue;
      await eventually(following.isLive);
      await drop();
    }
    expect((await following.done).given).toEqual(upTo(30));
    expect(till.connection().restarts).toBeGreaterThanOrEqual(1);
  });

  test("is down while the server is, and no longer", async () => {
    const till = await store();
    const following = follow(till, 1);
    await eventually(following.isLive);
    expect(till.connection()).toEqual({ restarts: 0, down: false });
    const { misbehave, drop } = await server();
    await misbehave({ unavailable: true });
    await drop();
    await isDown(till, true);
    await eventually(async () => (till.connection().restarts > 2 ? true : undefined));
    await misbehave({ unavailable: false });
    await isDown(till, false);
    await till.append("till-1", "none", counted(1));
    expect((await following.done).given).toEqual([0]);
  });

  test("that a stalled server never confirms is taken up again", async () => {
    const till = await store({ ...patience, answerTimeoutMs: 300 });
    await till.append("till-1", "none", counted(3));
    const { misbehave } = await server();
    await misbehave({ stalled: true });
    const following = follow(till, 3);
    await isDown(till, true);
    await misbehave({ stalled: false });
    expect((await following.done).given).toEqual(upTo(3));
  });

  test("that is aborted while it waits to be taken up again is over", async () => {
    const till = await store({ ...patience, retryMs: 60_000, retryMaxMs: 60_000 });
    const abort = new AbortController();
    const done = Array.fromAsync(till.subscribe({ after: 0, signal: abort.signal }));
    const { misbehave, drop } = await server();
    await misbehave({ unavailable: true });
    await drop();
    await isDown(till, true);
    abort.abort();
    await done;
    expect(till.connection().down).toBe(false);
  });
});

describe("a subscription to a server that is killed", () => {
  const place = temporaryFolder();

  test("goes on behind what it was given, with the appends", async () => {
    const server = await place.opened(startEventStoreDb(place.path()));
    const till = await place.opened(openEventStoreDb(server.url, patience));
    const following = follow(till, 60);
    for (const [n, event] of counted(60).entries()) {
      await eventually(() =>
        till.append("till-1", n === 0 ? "none" : n - 1, [event]).catch(() => undefined),
      );
      if (n % 25 !== 20) continue;
      await eventually(async () => (following.given.length > n - 5 ? true : undefined));
      await server.kill();
      await isDown(till, true);
      await server.start();
    }
    expect((await following.done).given).toEqual(upTo(60));
    expect(till.connection().restarts).toBeGreaterThanOrEqual(2);
  });
});

describe("a cluster that is killed as a whole", () => {
  const place = temporaryFolder();

  test("is found again, for appends, reads and subscriptions", async () => {
    const server = await place.opened(startEventStoreDb(place.path(), { nodes: 2 }));
    const till = await place.opened(openEventStoreDb(server.url, patience));
    const following = follow(till, 2);
    await till.append("till-1", "none", counted(1));
    await server.kill();
    await isDown(till, true);
    const [event] = counted(1, 1);
    const append = () => till.append("till-1", 0, event ? [event] : []);
    await expect(append()).rejects.toThrow(StoreUnavailable);
    await server.start();
    await eventually(() => append().catch(() => undefined));
    expect((await following.done).given).toEqual([0, 1]);
    expect(await Array.fromAsync(till.readStream("till-1"))).toHaveLength(2);
  });
});

describe("a cluster", () => {
  const { server, store } = connectedStores({ nodes: 3 });

  // A follower may not have what was answered already: whoever reads from it decides on the past.
  test("whose leader moves answers as before, and each append is stored once", async () => {
    const till = await store();
    const following = follow(till, 12);
    const { misbehave, drop } = await server();
    for (const [n, event] of counted(12).entries()) {
      await till.append("till-1", n === 0 ? "none" : n - 1, [event]);
      if (n % 3 !== 2) continue;
      await misbehave({ leader: ((n + 1) / 3) % 3 });
      if (n % 2 === 0) await drop();
      expect(await Array.fromAsync(till.readStream("till-1"))).toHaveLength(n + 1);
    }
    expect((await following.done).given).toEqual(upTo(12));
    expect(await Array.fromAsync(till.readAll())).toHaveLength(12);
  });
});
