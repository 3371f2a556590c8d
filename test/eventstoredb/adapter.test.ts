import { execFileSync } from "node:child_process";
import type { EventStore } from "@daybook/adapters";
import { openEventStoreDb } from "@daybook/adapters/eventstoredb";
import {
  AccessDeniedError,
  binaryEvent,
  EventStoreDBClient,
  jsonEvent,
} from "@eventstore/db-client";
import { describe, expect, test } from "vitest";
import { startEventStoreDb } from "../support/event-store-db.ts";
import { newEvent } from "../support/events.ts";
import { temporaryFolder } from "../support/folder.ts";
import { connectedStores, counted, patience } from "./stores.ts";

const { place, server, store } = connectedStores();

async function client() {
  const one = EventStoreDBClient.connectionString((await server()).url);
  await place.opened(Promise.resolve({ close: () => one.dispose() }));
  return one;
}

/** What a subscription gives until it is live, batch by batch. */
async function untilLive(till: EventStore, after = 0) {
  const abort = new AbortController();
  const batches = [];
  for await (const batch of till.subscribe({ after, signal: abort.signal })) {
    batches.push(batch);
    if (batch.live) abort.abort();
  }
  return batches;
}

describe("a log", () => {
  test("that many open at once has one id", async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => store()));
    expect(new Set(stores.map(({ logId }) => logId)).size).toBe(1);
    expect(stores[0]?.logId).toMatch(/^[0-9a-f]{32}$/);
  });

  test("is read without the server's own events, links, and the adapter's books", async () => {
    const till = await store();
    const { position } = await till.append("till-1", "none", counted(2));
    const other = await client();
    const link = binaryEvent({ type: "$>", data: Buffer.from("0@till-1") });
    await other.appendToStream("$ce-till", [link, jsonEvent({ type: "Plain", data: {} })]);
    await other.appendToStream("links", link);
    await other.setStreamMetadata("till-1", { maxCount: 100 });
    expect(await Array.fromAsync(till.readAll())).toHaveLength(2);
    expect(await Array.fromAsync(till.readAll({ direction: "backwards", limit: 1 }))).toMatchObject(
      [{ position }],
    );
    expect(await till.head()).toBe(position);
    const batches = await untilLive(till);
    expect(batches.flatMap(({ events }) => events)).toHaveLength(2);
    // Beyond the head a position would be taken for one of another log.
    expect(batches.at(-1)?.position).toBe(position);
  });

  test("that is read along gives what waits at once, not one by one", async () => {
    const till = await store();
    for (const n of Array.from({ length: 5 }).keys())
      await till.append("till-1", n === 0 ? "none" : n * 400 - 1, counted(400));
    const batches = await untilLive(till);
    expect(batches.flatMap(({ events }) => events)).toHaveLength(2000);
    expect(batches.length).toBeLessThan(400);
  });

  test("knows an event by the id that it was given", async () => {
    const till = await store();
    const events = counted(3);
    await till.append("till-1", "none", events);
    const there = await Array.fromAsync(till.readStream("till-1"));
    expect(there.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    expect(there.map(({ meta }) => meta)).toEqual(events.map(({ meta }) => meta));
  });
});

describe("retention", () => {
  const at = (time: string) => newEvent("Counted", {}, { at: time });
  const [early, noon] = ["2026-01-01T11:00:00.000Z", new Date("2026-01-01T12:00:00.000Z")];
  const late = "2026-01-02T12:00:00.000Z";

  test("lets the server drop what is deleted, and leaves the rest of the metadata", async () => {
    const till = await store();
    await till.append("till-1", "none", [at(early), at(early), at(late)]);
    await till.append("till-2", "none", [at(late)]);
    await till.append("till-3", "none", [at(early)]);
    const other = await client();
    // By age the server would drop what nobody was told of.
    await other.setStreamMetadata("till-1", { cacheControl: 7, maxAge: 24 * 3600 });
    expect(await till.deleteBefore("till", noon)).toBe(3);
    const metadata = async (stream: string) => (await other.getStreamMetadata(stream)).metadata;
    expect(await metadata("till-1")).toEqual({ cacheControl: 7, truncateBefore: 2 });
    expect(await metadata("till-2")).toBeUndefined();
    expect(await metadata("till-3")).toEqual({ truncateBefore: 1 });
  });

  test("is in force for who opens the log later, and for who reads all of it", async () => {
    const [till, other] = [await store(), await store()];
    await till.append("till-1", "none", [at(late), at(early)]);
    expect(await till.deleteBefore("till", noon)).toBe(1);
    for (const one of [till, other, await store()]) {
      expect(await Array.fromAsync(one.readAll())).toHaveLength(1);
      expect((await untilLive(one)).flatMap(({ events }) => events)).toHaveLength(1);
    }
    expect(await Array.fromAsync((await store()).readStream("till-1"))).toHaveLength(1);
  });

  test("begins where it had come to, and finds what came with an old time", async () => {
    const till = await store();
    await till.append("till-1", "none", [at(early), at(early)]);
    expect(await till.deleteBefore("till", noon)).toBe(2);
    await till.append("till-1", 1, [at(late)]);
    await till.append("till-2", "none", [at("2026-01-01T11:59:00.000Z")]);
    expect(await Array.fromAsync(till.readStream("till-2"))).toHaveLength(1);
    expect(await till.deleteBefore("till", noon)).toBe(1);
    expect(await Array.fromAsync(till.readStream("till-2"))).toEqual([]);
    expect(await till.deleteBefore("till", new Date("2026-01-03T00:00:00.000Z"))).toBe(1);
    expect(await Array.fromAsync(till.readAll())).toEqual([]);
  });
});

describe("a server with users and TLS", () => {
  const folder = temporaryFolder();

  test("takes the user of the connection string, and no other", async () => {
    const [key, cert] = [folder.file("key.pem"), folder.file("cert.pem")];
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
        ...["-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost"],
        ...["-addext", "subjectAltName=IP:127.0.0.1"],
      ],
      { stdio: "ignore" },
    );
    const settings = { user: "admin:changeit", tls: { key, cert } };
    const secure = await folder.opened(startEventStoreDb(folder.path(), settings));
    const till = await folder.opened(openEventStoreDb(secure.url, patience));
    await till.append("till-1", "none", counted(1));
    expect(await Array.fromAsync(till.readAll())).toHaveLength(1);
    expect((await untilLive(till)).flatMap(({ events }) => events)).toHaveLength(1);
    const wrong = secure.url.replace("changeit", "wrong");
    await expect(openEventStoreDb(wrong, patience)).rejects.toThrow(AccessDeniedError);
  });
});
