import {
  END,
  eventTypeFilter,
  excludeSystemEvents,
  type Filter,
  START,
  streamNameFilter,
} from "@eventstore/db-client";
import { describe, expect, test } from "vitest";
import { connectedClient, jsonEvents } from "./client.ts";

const { client } = connectedClient();
const last = () => jsonEvents(1, "last");

/** What a subscription gives up to the last event, with what it tells besides. */
async function follow(
  subscription: ReturnType<ReturnType<typeof client>["subscribeToStream"]>,
  onCaughtUp: () => Promise<unknown> = async () => {},
) {
  let [confirmed, caughtUp, givenBefore] = [0, 0, 0];
  const given: string[] = [];
  subscription.on("confirmation", () => confirmed++);
  subscription.on("caughtUp", () => {
    caughtUp++;
    // What was given before waits to be read.
    givenBefore = given.length + subscription.readableLength;
    onCaughtUp().catch(expect.fail);
  });
  for await (const { event } of subscription) {
    if (event) given.push(`${event.streamId}@${event.revision}`);
    if (event?.type === "last") break;
  }
  return { confirmed, caughtUp, givenBefore, given };
}

describe("a subscription to a stream", () => {
  test.each([
    { from: START, before: 4, given: ["1@0", "1@1", "1@2", "1@3", "1@4", "1@5"] },
    { from: 2n, before: 1, given: ["1@3", "1@4", "1@5"] },
    { from: END, before: 0, given: ["1@4", "1@5"] },
  ] as const)("from $from gives what is behind it, then goes on live", async (one) => {
    await client().appendToStream("other", jsonEvents(3));
    await client().appendToStream("1", jsonEvents(4));
    const subscription = client().subscribeToStream("1", { fromRevision: one.from });
    const { confirmed, caughtUp, givenBefore, given } = await follow(subscription, () =>
      client().appendToStream("1", [...jsonEvents(1), ...last()]),
    );
    expect({ confirmed, caughtUp, givenBefore }).toEqual({
      ...{ confirmed: 1, caughtUp: 1, givenBefore: one.before },
    });
    expect(given).toEqual(one.given);
  });
});

describe("a subscription to the log", () => {
  const filters: [string, Filter | undefined, string[]][] = [
    ["nothing", undefined, ["ab-1@0", "ab-1@1", "b-1@0", "$$b-1@0", "end@0"]],
    ["the server's own", excludeSystemEvents(), ["ab-1@0", "ab-1@1", "b-1@0", "end@0"]],
    ["streams by prefix", streamNameFilter({ prefixes: ["b", "end"] }), ["b-1@0", "end@0"]],
    [
      "streams by pattern",
      streamNameFilter({ regex: "^(a.*|end)" }),
      ["ab-1@0", "ab-1@1", "end@0"],
    ],
    ["types by prefix", eventTypeFilter({ prefixes: ["blu", "last"] }), ["b-1@0", "end@0"]],
    ["types by pattern", eventTypeFilter({ regex: "^re|las" }), ["ab-1@0", "ab-1@1", "end@0"]],
  ];
  test.each(filters)("filtered by %s gives what matches", async (_, filter, expected) => {
    await client().appendToStream("ab-1", jsonEvents(2, "red"));
    await client().appendToStream("b-1", jsonEvents(1, "blue"));
    await client().setStreamMetadata("b-1", { maxCount: 5 });
    const subscription = client().subscribeToAll({ ...(filter && { filter }) });
    const { given } = await follow(subscription as never, () =>
      client().appendToStream("end", last()),
    );
    expect(given).toEqual(expected);
  });

  test("from a position gives what is behind it, from the end what comes", async () => {
    const { position } = await client().appendToStream("a-1", jsonEvents(3));
    await client().appendToStream("b-1", jsonEvents(1));
    const behind = client().subscribeToAll({ fromPosition: position ?? START });
    const append = () => client().appendToStream("c-1", last());
    expect((await follow(behind as never, append)).given).toEqual(["b-1@0", "c-1@0"]);
    const live = client().subscribeToAll({ fromPosition: END });
    expect((await follow(live as never, append)).given).toEqual(["c-1@1"]);
  });

  // Who waits for a rare event must not read all of the log again after a break.
  test("tells positions over what its filter skips, once in so many events", async () => {
    const checkpoints: bigint[] = [];
    const filter = eventTypeFilter({
      prefixes: ["last"],
      checkpointInterval: 2,
      checkpointReached: async (_, { commit }) => {
        checkpoints.push(commit);
      },
    });
    await client().appendToStream("a-1", jsonEvents(200));
    const { position } = await client().appendToStream("a-1", last());
    const subscription = client().subscribeToAll({ filter });
    expect((await follow(subscription as never)).given).toEqual(["a-1@200"]);
    expect(checkpoints).toEqual(checkpoints.toSorted((a, b) => (a < b ? -1 : 1)));
    // 64 events each, and one more where it has caught up.
    expect(checkpoints.length).toBeGreaterThanOrEqual(3);
    expect(checkpoints.length).toBeLessThanOrEqual(4);
    for (const one of checkpoints) expect(one).toBeLessThanOrEqual(position?.commit ?? 0n);
  });

  test("waits for who reads slowly, and loses nothing", async () => {
    await client().appendToStream("a-1", jsonEvents(3000));
    await client().appendToStream("a-1", last());
    let count = 0;
    for await (const { event } of client().subscribeToAll()) {
      if (++count % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      if (event?.type === "last") break;
    }
    expect(count).toBe(3001);
  });
});
