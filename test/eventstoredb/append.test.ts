import {
  type AppendToStreamOptions,
  binaryEvent,
  DeadlineExceededError,
  jsonEvent,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  WrongExpectedVersionError,
} from "@eventstore/db-client";
import { describe, expect, test } from "vitest";
import { all, binaryEvents, connectedClient, jsonEvents, revisionsOf } from "./client.ts";

// What the client's own tests for streams hold a server to. Both ways of appending: over one call
// for all appends, and over one call for each, which servers before 21.10 have alone.
describe.each([
  { name: "batch append", batch: true },
  { name: "append", batch: false },
])("$name", ({ batch }) => {
  const { client } = connectedClient({ batch });

  const append = (
    stream: string,
    events: Parameters<ReturnType<typeof client>["appendToStream"]>[1],
    options?: AppendToStreamOptions,
  ) => client().appendToStream(stream, events, options);

  test("takes JSON, binary data and text that is not ASCII, and gives it back", async () => {
    const odd = jsonEvent({ type: "odd", data: "CC ‐ 1830" });
    const result = await append("mixed-1", [...jsonEvents(1), ...binaryEvents(1), odd]);
    expect(result).toMatchObject({ success: true, nextExpectedRevision: 2n });
    const [json, binary, text] = await all(client().readStream("mixed-1"));
    expect(json?.event).toMatchObject({ isJson: true, type: "test", data: { n: 0 } });
    expect(binary?.event).toMatchObject({ isJson: false, type: "binary" });
    expect(Buffer.from(binary?.event?.data as Uint8Array).toString()).toBe("bytes 0");
    expect(text?.event?.data).toBe("CC ‐ 1830");
    expect(text?.event?.position).toEqual(result.position);
  });

  test("keeps metadata as it was given: JSON, bytes, or none", async () => {
    const bytes = new Uint8Array([1, 2, 255]);
    await append("meta-1", [
      jsonEvent({ type: "a", data: {}, metadata: { by: "ada" } }),
      binaryEvent({ type: "b", data: bytes, metadata: bytes }),
      jsonEvent({ type: "c", data: {} }),
    ]);
    const events = await all(client().readStream("meta-1"));
    expect(events.map(({ event }) => event?.metadata)).toEqual([{ by: "ada" }, bytes, undefined]);
  });

  test.each(["any", "no_stream"] as const)("at %s makes a stream", async (expectedRevision) => {
    const options = { expectedRevision };
    expect(await append("new-1", jsonEvents(2), options)).toMatchObject({
      nextExpectedRevision: 1n,
    });
  });

  test("goes on at the revision there is, and where the stream is to exist", async () => {
    await append("old-1", jsonEvents(2));
    await append("old-1", jsonEvents(1), { expectedRevision: 1n });
    await append("old-1", jsonEvents(1), { expectedRevision: "stream_exists" });
    expect(await revisionsOf(client().readStream("old-1"))).toEqual([0, 1, 2, 3]);
  });

  test.each([
    { there: 0, expectedRevision: 1n, actual: "no_stream" },
    { there: 0, expectedRevision: "stream_exists", actual: "no_stream" },
    { there: 2, expectedRevision: "no_stream", actual: 1n },
    { there: 2, expectedRevision: 0n, actual: 1n },
    { there: 2, expectedRevision: 5n, actual: 1n },
  ] as const)("refuses $expectedRevision where $there are", async (one) => {
    if (one.there > 0) await append("held-1", jsonEvents(one.there));
    const { expectedRevision } = one;
    const error = await append("held-1", jsonEvents(1), { expectedRevision }).catch((e) => e);
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(error).toMatchObject({
      streamName: "held-1",
      expectedVersion: expectedRevision,
      actualVersion: one.actual,
    });
  });

  // As the original: known ids are recognized where the stream has gone on, and at any revision,
  // but not at a revision that is right.
  test("recognizes what was appended before, but for a revision that is right", async () => {
    const events = jsonEvents(2);
    await append("twice-1", events, { expectedRevision: "no_stream" });
    const again = await append("twice-1", events, { expectedRevision: "no_stream" });
    expect(again.nextExpectedRevision).toBe(1n);
    expect((await append("twice-1", events)).nextExpectedRevision).toBe(1n);
    expect(await revisionsOf(client().readStream("twice-1"))).toEqual([0, 1]);
    await append("twice-1", events, { expectedRevision: 1n });
    expect(await revisionsOf(client().readStream("twice-1"))).toEqual([0, 1, 2, 3]);
  });

  test("is refused by a stream that was deleted for good", async () => {
    await append("gone-1", jsonEvents(1));
    await client().tombstoneStream("gone-1");
    const error = await append("gone-1", jsonEvents(1)).catch((one) => one);
    expect(error).toBeInstanceOf(StreamDeletedError);
    expect(error.streamName).toBe("gone-1");
  });

  test("is refused where it is too large, and nothing of it is stored", async () => {
    const large = jsonEvent({ type: "large", data: { text: "x".repeat(600_000) } });
    const error = await append("large-1", [large, { ...large }]).catch((one) => one);
    expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
    expect(error.maxAppendSize).toBe(1024 * 1024);
    expect(await all(client().readAll())).toEqual([]);
  });

  test("is refused where its deadline has passed", async () => {
    const events = jsonEvents(3000);
    await expect(append("late-1", events, { deadline: 1 })).rejects.toThrow(DeadlineExceededError);
  });
});

describe("batch append", () => {
  const { client } = connectedClient();

  test("takes many at once", async () => {
    const appends = jsonEvents(2000).map((event) => client().appendToStream("flood-1", event));
    const revisions = (await Promise.all(appends)).map((one) => Number(one.nextExpectedRevision));
    expect(revisions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 2000 }, (_, n) => n));
  });

  test("takes one in several parts, all or nothing", async () => {
    const parts = { batchAppendSize: 1024, expectedRevision: "no_stream" as const };
    await client().appendToStream("parts-1", jsonEvents(500), parts);
    expect(await revisionsOf(client().readStream("parts-1"))).toHaveLength(500);
    const refused = client().appendToStream("parts-1", jsonEvents(500), parts);
    await expect(refused).rejects.toThrow(WrongExpectedVersionError);
    expect(await revisionsOf(client().readStream("parts-1"))).toHaveLength(500);
  });
});
