import type { RecordedEvent } from "@daybook/domain";
import { STREAM_NAME } from "@eventstore/db-client";
import { changeMetadata, type openCuts } from "./bookkeeping.ts";
import type { Connection } from "./connection.ts";
import { thrownFor } from "./errors.ts";
import { openFeed } from "./feed.ts";
import { recordedOf } from "./recorded.ts";

type Cuts = Awaited<ReturnType<typeof openCuts>>;

/** Streams whose metadata is written at once: appends beside it hardly notice. */
const AT_ONCE = 16;

/** What a sweep over the events of a category found in one stream. */
type Swept = { deleted: number; keptFrom: number | undefined; last: number };

/**
 * Deletes by category. The cut decides what is read from then on, at once and by the times of the
 * commands. `$tb` in the metadata of the streams lets the server drop the events themselves when it is
 * scavenged: those that stand first, and others when those before them go. By `$maxAge` it would drop
 * them unasked, by a term that may have changed, and read models would not hear of it.
 */
export function retention(connection: Connection, cuts: Cuts) {
  /** Reads the events of a category behind what was swept before, in batches, to the end. */
  async function* eventsOf(category: string, after: number): AsyncGenerator<RecordedEvent[]> {
    const filter = { filterOn: STREAM_NAME, prefixes: [`${category}-`] } as const;
    using feed = openFeed(connection, after, filter);
    try {
      for (;;) {
        const { events, live } = await feed.take();
        yield events.map(recordedOf);
        if (live) return;
      }
    } catch (error) {
      throw thrownFor(error);
    }
  }

  async function sweep(category: string, before: Date) {
    const streams = new Map<string, Swept>();
    let swept = cuts.swept(category);
    let upTo = swept;
    let kept = false;
    for await (const events of eventsOf(category, swept))
      for (const event of events) {
        const { stream, revision, position, meta } = event;
        const one = streams.get(stream) ?? { deleted: 0, keptFrom: undefined, last: 0 };
        streams.set(stream, one);
        one.last = revision;
        if (Date.parse(meta.at) < before.getTime()) one.deleted += cuts.isGone(event) ? 0 : 1;
        else {
          one.keptFrom ??= revision;
          kept = true;
        }
        if (!kept) swept = position;
        upTo = position;
      }
    return { streams, swept, upTo };
  }

  const truncate = (stream: string, { keptFrom, last }: Swept) =>
    changeMetadata(connection, stream, ({ $maxAge: _, ...metadata }) => ({
      ...metadata,
      $tb: Math.max(keptFrom ?? last + 1, Number(metadata.$tb ?? 0)),
    }));

  return async (category: string, before: Date): Promise<number> => {
    await cuts.refresh();
    const { streams, swept, upTo } = await sweep(category, before);
    const cutOff = [...streams].filter(([, { deleted }]) => deleted > 0);
    if (cutOff.length === 0) return 0;
    for (let done = 0; done < cutOff.length; done += AT_ONCE)
      await Promise.all(
        cutOff.slice(done, done + AT_ONCE).map(([stream, found]) => truncate(stream, found)),
      );
    // Last, so that what fails on the way is done again.
    await cuts.add(category, { before: before.toISOString(), upTo }, swept);
    return cutOff.reduce((sum, [, { deleted }]) => sum + deleted, 0);
  };
}
