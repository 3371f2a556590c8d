import { mkdtempSync } from "node:fs";
import { type EventStore, StoreUnavailable } from "@daybook/adapters";
import { openEventStoreDb } from "@daybook/adapters/eventstoredb";
import { describe, expect, test } from "vitest";
import { startEventStoreDb } from "../support/event-store-db.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryFolder } from "../support/folder.ts";
import type { AppendFault } from "./server/faults.ts";
import { connectedStores, counted, patience } from "./stores.ts";

const numbersOf = async (store: EventStore, stream = "till-1") =>
  (await Array.fromAsync(store.readStream(stream))).map(({ data }) => data.n);

// Every command rests on it: what was answered is in the log once, and what was not may be asked for
// again.
describe.each([
  { name: "batch append", batch: true },
  { name: "append", batch: false },
])("over $name", ({ batch }) => {
  const { server, store } = connectedStores({ batch });

  const faults: AppendFault[] = ["refused", "lost", "unanswered", "late"];
  test.each(faults)("an append that was %s is in the log once", async (fault) => {
    const till = await store({ ...patience, answerTimeoutMs: 500 });
    await till.append("till-1", "none", counted(1));
    const { misbehave, release } = await server();
    await misbehave({ appends: [fault] });
    const appended = await till.append("till-1", 0, counted(2, 1));
    expect(appended).toMatchObject({
      revision: 2,
      repeated: fault === "lost" || fault === "unanswered",
    });
    // What was late comes when another has taken its place.
    await release();
    const events = await Array.fromAsync(till.readStream("till-1"));
    expect(events.map(({ data }) => data.n)).toEqual([0, 1, 2]);
    expect(events.at(-1)?.position).toBe(appended.position);
  });

  test.each(faults)("an append at any revision that was %s is in the log once", async (fault) => {
    const till = await store({ ...patience, answerTimeoutMs: 500 });
    await till.append("till-1", "any", counted(1));
    const { misbehave, release } = await server();
    await misbehave({ appends: [fault] });
    await till.append("till-1", "any", counted(1, 1));
    await release();
    expect(await numbersOf(till)).toEqual([0, 1]);
  });

  test("an append that is late twice is retryable, and in the log once", async () => {
    const till = await store({ ...patience, answerTimeoutMs: 300 });
    const { misbehave, release } = await server();
    await misbehave({ appends: ["late", "late"] });
    const events = counted(1);
    await expect(till.append("till-1", "none", events)).rejects.toThrow(StoreUnavailable);
    await release();
    expect(await till.append("till-1", "none", events)).toMatchObject({ repeated: true });
    expect(await numbersOf(till)).toEqual([0]);
  });

  test("a conflict is told of also where the answer before it was lost", async () => {
    const [till, other] = [await store(), await store()];
    const { misbehave } = await server();
    await misbehave({ appends: ["refused"] });
    const appending = till.append("till-1", "none", counted(1));
    await other.append("till-1", "none", counted(1, 9)).catch(() => {});
    await appending.catch((error) => expect(error).toMatchObject({ actual: 0 }));
    expect(await numbersOf(till)).toHaveLength(1);
  });
});

describe("an outage", () => {
  const { server, store } = connectedStores();

  const outages = [{ unavailable: true }, { stalled: true }];
  test.each(outages)("fails all that is asked, and is over when it is over: %o", async (outage) => {
    const till = await store({ ...patience, answerTimeoutMs: 300 });
    await till.append("till-1", "none", counted(1));
    const { misbehave } = await server();
    await misbehave(outage);
    const events = counted(1, 1);
    await expect(till.append("till-1", 0, events)).rejects.toThrow(StoreUnavailable);
    await expect(till.head()).rejects.toThrow(StoreUnavailable);
    await expect(till.ping()).rejects.toThrow(StoreUnavailable);
    await expect(numbersOf(till)).rejects.toThrow(StoreUnavailable);
    await misbehave({ unavailable: false, stalled: false });
    expect(await till.append("till-1", 0, events)).toMatchObject({ revision: 1 });
    expect(await numbersOf(till)).toEqual([0, 1]);
  });

  test("keeps a store from being opened", async () => {
    const { misbehave, url } = await server();
    await misbehave({ unavailable: true });
    await expect(openEventStoreDb(url, patience)).rejects.toThrow(StoreUnavailable);
  });
});

describe("a server that is killed", () => {
  const place = temporaryFolder();

  test("in the middle of an append has it once, or not at all", async () => {
    const server = await place.opened(startEventStoreDb(place.path()));
    const till = await place.opened(openEventStoreDb(server.url, patience));
    await server.misbehave({ appends: ["fatal"] });
    const events = counted(2);
    await expect(till.append("till-1", "none", events)).rejects.toThrow(StoreUnavailable);
    await server.start();
    const again = await eventually(() =>
      till.append("till-1", "none", events).catch(() => undefined),
    );
    expect(again).toMatchObject({ revision: 1, repeated: true });
    expect(await numbersOf(till)).toEqual([0, 1]);
  });

  test("again and again while many append has each once, in order", async () => {
    const server = await place.opened(startEventStoreDb(place.path()));
    const till = await place.opened(openEventStoreDb(server.url, patience));
    let done = 0;
    async function appendAll(stream: string) {
      for (const [n, event] of counted(20).entries()) {
        const expected = n === 0 ? "none" : n - 1;
        await eventually(() => till.append(stream, expected, [event]).catch(() => undefined));
        done++;
      }
    }
    const streams = Array.from({ length: 8 }, (_, n) => `till-${n}`);
    const appending = Promise.all(streams.map(appendAll));
    for (const reached of [20, 80]) {
      await eventually(async () => (done >= reached ? true : undefined));
      await server.kill();
      await server.start();
    }
    await appending;
    for (const stream of streams)
      expect(await numbersOf(till, stream)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(await Array.fromAsync(till.readAll())).toHaveLength(160);
  });

  // What waits for an answer of one server must not hear of another's end.
  test("takes nothing away from the appends to another", async () => {
    const one = await place.opened(startEventStoreDb(place.path()));
    const other = await place.opened(startEventStoreDb(mkdtempSync(place.file("other-"))));
    const [till, safe] = [
      await place.opened(openEventStoreDb(one.url, patience)),
      await place.opened(openEventStoreDb(other.url, patience)),
    ];
    await one.misbehave({ appends: ["fatal"] });
    const failing = till.append("till-1", "none", counted(1)).catch((error) => error);
    const appends = Array.from({ length: 300 }, (_, n) =>
      safe.append(`till-${n}`, "none", counted(1)),
    );
    for (const appended of await Promise.all(appends)) expect(appended.repeated).toBe(false);
    expect(await failing).toBeInstanceOf(StoreUnavailable);
  });
});
