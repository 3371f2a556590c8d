import { createHash } from "node:crypto";
import type { RecordedEvent } from "@daybook/domain";
import type { Work } from "../backup/progress.ts";
import type { EventStore } from "../events/port.ts";

/** Events between two looks at the signal. */
const STEP = 1000;

type Pair = { event: RecordedEvent | undefined; copy: RecordedEvent | undefined };

/** Two logs side by side; where one has ended, nothing stands beside the other's events. */
export async function* sideBySide(from: EventStore, to: EventStore): AsyncGenerator<Pair> {
  const events = from.readAll()[Symbol.asyncIterator]();
  const copies = to.readAll()[Symbol.asyncIterator]();
  try {
    for (;;) {
      const [event, copy] = await Promise.all([events.next(), copies.next()]);
      if (event.done && copy.done) return;
      yield {
        event: event.done ? undefined : event.value,
        copy: copy.done ? undefined : copy.value,
      };
    }
  } finally {
    await events.return?.();
    await copies.return?.();
  }
}

/**
 * How many events there are, by how far those that were read have come: a log tells the positions it
 * has, which are not events in every engine.
 */
export const estimated = (done: number, position: number, head: number, after = 0): number =>
  Math.max(done, Math.round((done * (head - after)) / Math.max(position - after, 1)));

/** What an event is, but for where it stands in the log and in its stream: as it is stored. */
const stored = ({ id, type, stream, data, meta }: RecordedEvent): string =>
  `${JSON.stringify([id, type, stream, data, meta])}\n`;

export type Compared = {
  events: number;
  /** SHA-256 over ids, types, streams, data and metadata as they are stored, in order. */
  checksum: string;
  /** Streams whose events have other revisions in the copy. */
  shifted: string[];
};

/**
 * Reads both logs to their ends and compares what is stored, byte by byte, so that one checksum is
 * that of both. Throws at the first event that differs.
 */
export async function compareLogs(
  from: EventStore,
  to: EventStore,
  { progress, signal }: Work,
): Promise<Compared> {
  const head = await from.head();
  const hash = createHash("sha256");
  const shifted = new Set<string>();
  let events = 0;
  for await (const { event, copy } of sideBySide(from, to)) {
    if (!copy)
      throw new Error("the source has gone on meanwhile: stop all its processes, and run it again");
    const bytes = event && stored(event);
    if (!bytes || bytes !== stored(copy))
      throw new Error(`event ${events + 1}, ${copy.id} of ${copy.stream}, is not the source's`);
    hash.update(bytes);
    if (event.revision !== copy.revision) shifted.add(event.stream);
    if (++events % STEP !== 0) continue;
    signal.throwIfAborted();
    const total = estimated(events, event.position, head);
    progress({ task: "Comparing the events", unit: "events", done: events, total });
  }
  return { events, checksum: hash.digest("hex"), shifted: [...shifted] };
}
