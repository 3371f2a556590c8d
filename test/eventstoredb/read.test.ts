import {
  BACKWARDS,
  binaryEvent,
  END,
  InvalidArgumentError,
  START,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from "@eventstore/db-client";
import { describe, expect, test, vi } from "vitest";
import {
  all,
  binaryEvents,
  connectedClient,
  jsonEvents,
  type Read,
  revisionsOf,
} from "./client.ts";

const { client } = connectedClient();
const numbersOf = async (read: Read) =>
  (await all(read)).map(({ event }) => (event?.data as { n?: number } | undefined)?.n);

describe("a stream is read", () => {
  test("from where it is asked, in both directions, so many", async () => {
    await client().appendToStream("numbers-1", [...jsonEvents(4), ...binaryEvents(4)]);
    const read = (options: Parameters<ReturnType<typeof client>["readStream"]>[1]) =>
      revisionsOf(client().readStream("numbers-1", options));
    expect(await read({})).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await read({ fromRevision: START, maxCount: 2 })).toEqual([0, 1]);
    expect(await read({ fromRevision: 6n })).toEqual([6, 7]);
    expect(await read({ fromRevision: 9n })).toEqual([]);
    expect(await read({ direction: BACKWARDS, fromRevision: END })).toHaveLength(8);
    expect(await read({ direction: BACKWARDS, fromRevision: 1n })).toEqual([1, 0]);
    expect(await read({ direction: BACKWARDS, fromRevision: END, maxCount: 1 })).toEqual([7]);
  });

  test("with its links, which lead to the event itself where that is asked", async () => {
    await client().appendToStream("target-1", jsonEvents(3));
    const data = Buffer.from("2@target-1");
    await client().appendToStream("links-1", binaryEvent({ type: "$>", data }));
    const [target] = await all(client().readStream("target-1", { fromRevision: 2n }));
    const [link] = await all(client().readStream("links-1"));
    expect(link).toMatchObject({ event: { type: "$>" } });
    const [resolved] = await all(client().readStream("links-1", { resolveLinkTos: true }));
    expect(resolved).toMatchObject({ event: target?.event, link: link?.event });
  });

  test("not where there is none, nor from a revision that cannot be", async () => {
    await expect(all(client().readStream("nowhere-1"))).rejects.toThrow(StreamNotFoundError);
    expect(() => client().readStream("nowhere-1", { fromRevision: -1n })).toThrow(
      InvalidArgumentError,
    );
  });

  test("tells when an event was received, in this time", async () => {
    const before = Date.now();
    await client().appendToStream("clock-1", jsonEvents(1));
    const [one] = await all(client().readStream("clock-1"));
    expect(one?.event?.created.getTime()).toBeGreaterThanOrEqual(before);
    expect(one?.event?.created.getTime()).toBeLessThanOrEqual(Date.now());
  });
});

describe("the log is read", () => {
  test("from a position with that event, backwards without it", async () => {
    await client().appendToStream("a-1", jsonEvents(3));
    await client().appendToStream("b-1", jsonEvents(3, "test", 3));
    expect(await numbersOf(client().readAll())).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await numbersOf(client().readAll({ maxCount: 2 }))).toEqual([0, 1]);
    const last = { direction: BACKWARDS, fromPosition: END } as const;
    expect(await numbersOf(client().readAll({ ...last, maxCount: 2 }))).toEqual([5, 4]);
    const fromPosition = (await all(client().readAll()))[2]?.event?.position ?? START;
    expect(await numbersOf(client().readAll({ fromPosition }))).toEqual([2, 3, 4, 5]);
    const before = { direction: BACKWARDS, fromPosition } as const;
    expect(await numbersOf(client().readAll(before))).toEqual([1, 0]);
  });

  test("not from a position at which no event stands", async () => {
    await client().appendToStream("a-1", jsonEvents(2));
    const fromPosition = { commit: 65n, prepare: 65n };
    await expect(all(client().readAll({ fromPosition }))).rejects.toThrow("position");
  });
});

describe("a stream's metadata", () => {
  test("is given back as it was set", async () => {
    const metadata = {
      ...{ maxAge: 2, cacheControl: 15, truncateBefore: 1, maxCount: 12, kitten: "😾" },
      acl: { readRoles: ["admin"], writeRoles: ["admin"] },
    };
    await client().setStreamMetadata("kept-1", { maxCount: 3 });
    await client().setStreamMetadata("kept-1", metadata);
    expect((await client().getStreamMetadata("kept-1")).metadata).toEqual(metadata);
    expect(await revisionsOf(client().readStream("$$kept-1"))).toEqual([1]);
    expect((await client().getStreamMetadata("bare-1")).metadata).toBeUndefined();
  });

  test("cuts off what is read of the stream, but not of the log", async () => {
    await client().appendToStream("cut-1", jsonEvents(6));
    await client().setStreamMetadata("cut-1", { maxCount: 4 });
    expect(await revisionsOf(client().readStream("cut-1"))).toEqual([2, 3, 4, 5]);
    await client().setStreamMetadata("cut-1", { truncateBefore: 5 });
    expect(await revisionsOf(client().readStream("cut-1"))).toEqual([5]);
    const backwards = { direction: BACKWARDS, fromRevision: END } as const;
    expect(await revisionsOf(client().readStream("cut-1", backwards))).toEqual([5]);
    await client().setStreamMetadata("cut-1", { truncateBefore: 6 });
    expect(await revisionsOf(client().readStream("cut-1"))).toEqual([]);
    const ofLog = (await all(client().readAll())).filter(({ event }) => event?.type === "test");
    expect(ofLog).toHaveLength(6);
    const wrong = { expectedRevision: "no_stream" as const };
    await expect(client().appendToStream("cut-1", jsonEvents(1), wrong)).rejects.toMatchObject({
      actualVersion: 5n,
    });
  });

  test("hides events from an age on", async () => {
    await client().appendToStream("aged-1", jsonEvents(2));
    await client().setStreamMetadata("aged-1", { maxAge: 1 });
    await vi.waitFor(
      async () => expect(await revisionsOf(client().readStream("aged-1"))).toEqual([]),
      { timeout: 10_000 },
    );
  });
});

describe("a stream that is deleted", () => {
  test("is not found, and goes on behind its last revision when it comes back", async () => {
    await client().appendToStream("gone-1", jsonEvents(3));
    const wrong = client().deleteStream("gone-1", { expectedRevision: 1n });
    await expect(wrong).rejects.toMatchObject({ streamName: "gone-1", expectedVersion: 1n });
    await client().deleteStream("gone-1", { expectedRevision: 2n });
    await expect(all(client().readStream("gone-1"))).rejects.toThrow(StreamNotFoundError);
    await client().appendToStream("gone-1", jsonEvents(1), { expectedRevision: "no_stream" });
    expect(await revisionsOf(client().readStream("gone-1"))).toEqual([3]);
  });

  test("is deleted where none is expected only if there is none, or merely metadata", async () => {
    const none = { expectedRevision: "no_stream" as const };
    await client().appendToStream("there-1", jsonEvents(1));
    await expect(client().deleteStream("there-1", none)).rejects.toThrow(WrongExpectedVersionError);
    await client().setStreamMetadata("implied-1", { cacheControl: 10 });
    expect(await client().deleteStream("implied-1", none)).toHaveProperty("position");
  });

  test("for good never comes back", async () => {
    await client().appendToStream("dead-1", jsonEvents(2));
    const wrong = client().tombstoneStream("dead-1", { expectedRevision: 0n });
    await expect(wrong).rejects.toThrow(WrongExpectedVersionError);
    await client().tombstoneStream("dead-1", { expectedRevision: 1n });
    await expect(all(client().readStream("dead-1"))).rejects.toThrow(StreamDeletedError);
    await client().tombstoneStream("never-1", { expectedRevision: "no_stream" });
    await expect(all(client().readStream("never-1"))).rejects.toThrow(StreamDeletedError);
  });
});
