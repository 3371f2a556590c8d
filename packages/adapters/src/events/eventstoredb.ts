import { appends } from "./eventstoredb/append.ts";
import { adoptOrigin, openCuts, openLogIds } from "./eventstoredb/bookkeeping.ts";
import { connect, type Waits } from "./eventstoredb/connection.ts";
import { thrownFor } from "./eventstoredb/errors.ts";
import { logPage, reads } from "./eventstoredb/read.ts";
import { retention } from "./eventstoredb/retention.ts";
import { subscriptions } from "./eventstoredb/subscribe.ts";
import type { EventStore, LogOptions } from "./port.ts";

export type EventStoreDbOptions = Partial<Waits> & LogOptions;

/** As long as the client waits for its other calls. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Waits between two tries: a restart takes seconds, a dropped call no time. */
const RETRY_MS = 100;
const RETRY_MAX_MS = 10_000;

/**
 * An event store on EventStoreDB 23.10 or newer, a node or a cluster. The connection string is the
 * client's: `esdb://` or `esdb+discover://`, with user and password, and TLS unless `tls=false`.
 * Throws StoreUnavailable where it cannot be reached.
 *
 * @example
 * const store = await openEventStoreDb("esdb://admin:changeit@node1:2113?tlsCAFile=ca.crt");
 */
export async function openEventStoreDb(
  url: string,
  { copyOf, ...given }: EventStoreDbOptions = {},
): Promise<EventStore> {
  const connection = connect(url, {
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
    retryMs: RETRY_MS,
    retryMaxMs: RETRY_MAX_MS,
    ...given,
  });
  try {
    const ids = await openLogIds(connection);
    const cuts = await openCuts(connection);
    const { readStream, readAll, head } = reads(connection, cuts.isGone);
    if (copyOf && (await head()) === 0) ids.originId = await adoptOrigin(connection, copyOf);
    const following = subscriptions(connection, cuts.isGone, cuts.refresh);
    const append = appends(connection, readStream);
    const closing = new AbortController();
    /** What was given before the close is appended before it. */
    const pending = new Set<Promise<unknown>>();

    return {
      ...ids,
      append: (...asked) => {
        const appending = append(...asked);
        const settled = appending.catch(() => {}).finally(() => pending.delete(settled));
        pending.add(settled);
        return appending;
      },
      readStream,
      readAll: async function* (options) {
        await cuts.refresh();
        yield* readAll(options);
      },
      subscribe: ({ signal, ...options }) =>
        following.subscribe({ ...options, signal: AbortSignal.any([signal, closing.signal]) }),
      connection: following.connection,
      head,
      deleteBefore: retention(connection, cuts),
      ping: async () => {
        await logPage(connection, undefined, "backwards", 1);
      },
      close: async () => {
        closing.abort();
        await Promise.all(pending);
        await connection.close();
      },
    };
  } catch (error) {
    await connection.close();
    throw thrownFor(error);
  }
}
