import type { EventStore } from "@daybook/adapters";
import type { RecordedEvent } from "@daybook/domain";
import { type Filter, matches } from "./filter.ts";

/** Given at once: large enough to be quick, small enough to be shown while the rest is read. */
const CHUNK = 500;

async function* chunks(events: AsyncIterable<RecordedEvent>): AsyncGenerator<RecordedEvent[]> {
  let chunk: RecordedEvent[] = [];
  for await (const event of events) {
    chunk.push(event);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/**
 * Events up to a position. Where a filter leaves little, the whole log is read: the time of an event
 * is its command's, and no order of the log says where an earlier one cannot follow any more.
 */
async function* read(
  events: EventStore,
  filter: Filter,
  upTo: number,
  direction: "forwards" | "backwards",
): AsyncGenerator<RecordedEvent> {
  const options = { direction, ...(filter.types && { types: filter.types }) };
  const backwards = direction === "backwards";
  const found =
    filter.stream === undefined
      ? events.readAll({ ...options, ...(backwards && { from: upTo }) })
      : events.readStream(filter.stream, options);
  for await (const event of found) {
    if (event.position <= upTo && matches(filter, event)) yield event;
    else if (event.position > upTo && !backwards) return;
  }
}

/** The newest events that match up to a position, at most `limit`, the oldest of them first. */
export async function* readHistory(
  events: EventStore,
  filter: Filter,
  upTo: number,
  limit: number,
): AsyncGenerator<RecordedEvent[]> {
  if (limit === Number.POSITIVE_INFINITY) {
    yield* chunks(read(events, filter, upTo, "forwards"));
    return;
  }
  const newest: RecordedEvent[] = [];
  if (limit > 0)
    for await (const event of read(events, filter, upTo, "backwards"))
      if (newest.push(event) === limit) break;
  newest.reverse();
  for (let at = 0; at < newest.length; at += CHUNK) yield newest.slice(at, at + CHUNK);
}

/** What is appended behind a position, by whichever process, until the signal aborts. */
export async function* followLog(
  events: EventStore,
  filter: Filter,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<RecordedEvent[]> {
  const options = { after, signal, ...(filter.types && { types: filter.types }) };
  for await (const batch of events.subscribe(options)) {
    const found = batch.events.filter((event) => matches(filter, event));
    if (found.length > 0) yield found;
  }
}
