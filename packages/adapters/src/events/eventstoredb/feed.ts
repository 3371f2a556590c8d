import { type Filter, type Position, START } from "@eventstore/db-client";
import type { Connection } from "./connection.ts";
import { at } from "./read.ts";
import { positionOf, type ServerEvent } from "./recorded.ts";

/** Taken at once where many wait, and held back from the server beyond. */
const TAKE = 1000;
/** After how many windows of 32 events that the filter skips the server tells where it is. */
const CHECKPOINT_INTERVAL = 4;

export type Taken = {
  events: ServerEvent[];
  /** How far the server has come, with what its filter skipped. */
  reached: number;
  /** Whether these reach to the end of the log. */
  live: boolean;
};

export type FeedFilter = Pick<Filter, "filterOn"> &
  ({ regex: string } | { prefixes: readonly string[] });

/**
 * One catch-up subscription to the log, read in batches. It is over with the first failure, and one
 * that is not confirmed in time has failed.
 */
export function openFeed(
  { client, waits }: Connection,
  after: number,
  filter: FeedFilter,
  onConfirmed: () => void = () => {},
) {
  let over: Error | undefined;
  let caughtUp = false;
  let checkpoint = after;
  let isNews = false;
  let wake = () => {};
  const notice = () => {
    isNews = true;
    wake();
  };
  const subscription = client.subscribeToAll(
    {
      fromPosition: after === 0 ? START : at(after),
      filter: {
        ...filter,
        checkpointInterval: CHECKPOINT_INTERVAL,
        checkpointReached: async (_: unknown, { commit }: Position) => {
          checkpoint = Number(commit);
          notice();
        },
      } as Filter,
    },
    { highWaterMark: TAKE },
  );
  const end = (error?: Error) => {
    over ??= error ?? new Error("the server has ended it");
    clearTimeout(unconfirmed);
    wake();
  };
  const unconfirmed = setTimeout(
    () => end(new Error(`not confirmed in ${waits.answerTimeoutMs} ms`)),
    waits.answerTimeoutMs,
  );
  subscription
    .on("readable", notice)
    .on("error", end)
    .on("end", () => end())
    .on("close", () => end())
    .on("confirmation", () => {
      clearTimeout(unconfirmed);
      onConfirmed();
    })
    .on("caughtUp", () => {
      caughtUp = true;
      notice();
    })
    .on("fellBehind", () => {
      caughtUp = false;
    });

  return {
    /** What has come since; waits until there is something. Throws when it has failed. */
    take: async (): Promise<Taken> => {
      while (!isNews && !over) await new Promise<void>((resolve) => (wake = resolve));
      // Events come one by one: what has arrived with the first comes in this turn.
      await new Promise(setImmediate);
      isNews = false;
      const events: ServerEvent[] = [];
      while (events.length < TAKE) {
        const one: { event?: ServerEvent } | null = subscription.read();
        if (one === null) break;
        if (one.event) events.push(one.event);
      }
      if (over && events.length === 0) throw over;
      const last = events.at(-1);
      const isWhole = subscription.readableLength === 0;
      // What waits still comes with the next, also where nothing is heard of it any more.
      if (!isWhole) isNews = true;
      // Told of a position or of the end, the server has given all before.
      const reached = Math.max(last ? positionOf(last) : after, isWhole ? checkpoint : 0);
      return { events, reached, live: caughtUp && isWhole };
    },
    [Symbol.dispose]: () => {
      end(new Error("it was closed"));
      subscription.unsubscribe().catch(() => {});
      subscription.destroy();
    },
  };
}
