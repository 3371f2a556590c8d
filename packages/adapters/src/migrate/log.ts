import type { RecordedEvent } from "@daybook/domain";
import type { Work } from "../backup/progress.ts";
import { ConfigError } from "../config.ts";
import { type EventStore, WrongExpectedRevision } from "../events/port.ts";
import { estimated, sideBySide } from "./compare.ts";

/** What a copy holds of a log. */
export type Start = {
  /** The position, in the source, of the last event that is in both. */
  position: number;
  /** The next revision in the copy, of streams where it is another than in the source. */
  shifted: Map<string, number>;
};

/** Appended at once: an append of EventStoreDB may have 1 MB, and text up to 3 bytes a character. */
const RUN_EVENTS = 500;
const RUN_CHARACTERS = 256 * 1024;

/**
 * How far a target is a copy of the source. Throws ConfigError where it holds an event that the
 * source does not have at this place: nothing can be appended behind that.
 */
export async function findStart(
  from: EventStore,
  to: EventStore,
  { progress, signal }: Work,
): Promise<Start> {
  const head = await to.head();
  const start: Start = { position: 0, shifted: new Map() };
  let done = 0;
  for await (const { event, copy } of sideBySide(from, to)) {
    if (!copy) break;
    if (event?.id !== copy.id || event.stream !== copy.stream)
      throw new ConfigError(
        `the target's log has gone on by itself: event ${copy.id} is not the source's at this place`,
      );
    start.position = event.position;
    if (event.revision !== copy.revision) start.shifted.set(copy.stream, copy.revision + 1);
    if (++done % RUN_EVENTS !== 0) continue;
    signal.throwIfAborted();
    const total = estimated(done, copy.position, head);
    progress({ task: "Looking what is there", unit: "events", done, total });
  }
  return start;
}

/** What follows on another in one stream can be appended at once, and the order of all stays. */
async function* runs(events: AsyncIterable<RecordedEvent>): AsyncGenerator<RecordedEvent[]> {
  let run: RecordedEvent[] = [];
  let characters = 0;
  for await (const event of events) {
    const size = JSON.stringify(event).length;
    const isFull = run.length === RUN_EVENTS || characters + size > RUN_CHARACTERS;
    if (run[0] && (isFull || run[0].stream !== event.stream)) {
      yield run;
      run = [];
      characters = 0;
    }
    run.push(event);
    characters += size;
  }
  if (run.length > 0) yield run;
}

/**
 * Appends at the exact revision, which is that of the source except where retention has deleted
 * events: then the target says at which revision the stream is.
 */
async function appendRun(to: EventStore, run: readonly RecordedEvent[], { shifted }: Start) {
  const [first, last] = [run[0], run.at(-1)] as [RecordedEvent, RecordedEvent];
  const { stream } = first;
  const events = run.map(({ id, type, data, meta }) => ({ id, type, data, meta }));
  const appendAt = (revision: number) =>
    to.append(stream, revision === 0 ? "none" : revision - 1, events);
  const appended = await appendAt(shifted.get(stream) ?? first.revision).catch((error) => {
    if (!(error instanceof WrongExpectedRevision)) throw error;
    return appendAt(error.actual === "none" ? 0 : error.actual + 1);
  });
  // An event that is missing between them shifts those behind it, too.
  if (appended.revision !== last.revision) shifted.set(stream, appended.revision + 1);
}

/** Copies what the target does not have yet, one append after the other, and says how many. */
export async function copyLog(
  from: EventStore,
  to: EventStore,
  start: Start,
  { progress, signal }: Work,
): Promise<number> {
  const { position: after } = start;
  const head = await from.head();
  let done = 0;
  async function* missing() {
    // Not every position can be read from, but that of an event can.
    for await (const event of from.readAll({ from: after }))
      if (event.position > after) yield event;
  }
  for await (const run of runs(missing())) {
    signal.throwIfAborted();
    await appendRun(to, run, start);
    done += run.length;
    const total = estimated(done, run.at(-1)?.position ?? 0, head, after);
    progress({ task: "Copying the events", unit: "events", done, total });
  }
  return done;
}
