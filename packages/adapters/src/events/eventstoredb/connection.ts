import { EventStoreDBClient, jsonEvent, type StreamingRead } from "@eventstore/db-client";
import services from "@eventstore/db-client/generated/streams_grpc_pb.js";
import { inTime } from "../../in-time.ts";
import { batchAppends, inside, type Outgoing } from "./batch-append.ts";

/** How long it is waited for what never comes, and between two tries. */
export type Waits = {
  /** For the answer to one append or one page of a read. */
  answerTimeoutMs: number;
  /** Before the first try again; doubled each time. */
  retryMs: number;
  retryMaxMs: number;
};

/** Only the leader is asked: a follower may not have yet what was answered already. */
const requiresLeader = true;

export type Connection = ReturnType<typeof connect>;

/** The official client, with a time-out on everything, since it has none on most. */
export function connect(url: string, waits: Waits) {
  const client = EventStoreDBClient.connectionString(url);
  const batchAppend = batchAppends(client);
  /** Asked until there is an answer, and once: the client keeps an error for ever. */
  let batches: boolean | undefined;
  let closed = false;

  /** Aborts what was asked, and rejects, where no answer comes in time. */
  async function answer<T>(asking: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (closed) throw new Error("it was closed");
    const { answerTimeoutMs } = waits;
    return inTime(answerTimeoutMs, () => new Error(`no answer in ${answerTimeoutMs} ms`), asking);
  }

  /** Appends once, and answers with the position of the last event, where it is told. */
  function append(
    stream: string,
    expected: number | "none",
    events: readonly Outgoing[],
  ): Promise<number | undefined> {
    return answer(async (signal) => {
      batches ??= await inside(client).supports(services.StreamsService.batchAppend);
      if (batches) return batchAppend(stream, expected, events, signal);
      const { position } = await client.appendToStream(
        stream,
        events.map(({ data, metadata, ...rest }) =>
          jsonEvent({ ...rest, data: data as never, metadata: metadata as never }),
        ),
        {
          expectedRevision: expected === "none" ? "no_stream" : BigInt(expected),
          requiresLeader,
          deadline: waits.answerTimeoutMs,
        },
      );
      return position && Number(position.commit);
    });
  }

  /** All that a read gives. It is cancelled where it takes too long: else it would go on unseen. */
  function collect<T>(read: () => StreamingRead<T>): Promise<T[]> {
    return answer(async (signal) => {
      // An error that comes when nobody reads any more would end the process.
      const stream = read().on("error", () => {});
      signal.addEventListener("abort", () => {
        stream.cancel().catch(() => {});
        stream.destroy();
      });
      return Array.fromAsync(stream as AsyncIterable<T>);
    });
  }

  return {
    client,
    waits,
    append,
    collect,
    requiresLeader,
    close: async () => {
      await client.dispose();
      // The client leaves it open, and with it the process. Where there is none it looks for a node.
      const channel = await answer(inside(client).getChannel).catch(() => undefined);
      closed = true;
      channel?.close();
    },
  };
}

/** A wait that grows with the tries, and differs, so that not all come back at the same time. */
export const waitMs = (attempt: number, { retryMs, retryMaxMs }: Waits): number =>
  Math.min(retryMs * 2 ** attempt, retryMaxMs) * (0.5 + Math.random() / 2);

/** Resolved after a time, or at the abort. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal?.aborted) done();
    else signal?.addEventListener("abort", done);
  });
