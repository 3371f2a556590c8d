import type { RecordedEvent } from "@daybook/domain";
import type { Work } from "../backup/progress.ts";
import { ConfigError } from "../config.ts";
import { type EventStore, WrongExpectedRevision } from "../events/port.ts";
import { estimated, sideBySide } from "./compare.ts";

/** Appended at once: an append of EventStoreDB may have 1 MB, and text up to 3 bytes a character. */
const RUN_EVENTS = 500;
const RUN_CHARACTERS = 256 * 1024;

/**
 * How far a target is a copy of the source: the position, in the source, of the last event that is in
 * both. Throws ConfigError where it holds an event that the
 * source does not have at this place: nothing can be appended behind that.
 */
export async function findStart(
  from: EventStore,
  to: EventStore,
  { progress, signal }: Work,
): Promise<number> {
  const head = await to.head();
  let position = 0;
  let done = 0;
  for await (const { event, copy } of sideBySide(from, to)) {
    if (!copy) break;
    if (event?.id !== copy.id || event.stream !== copy.stream)
      throw new ConfigError(
        `the target's log has gone on by itself: event ${copy.id} is not the source's at this place`,
      );
    position = event.position;
    if (++done % RUN_EVENTS !== 0) continue;
    signal.throwIfAborted();
    const total = estimated(done, copy.position, head);
    progress({ task: "Looking what is there", unit: "events", done, total });
  }
  return position;
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
async function appendRun(to: EventStore, run: readonly RecordedEvent[]): Promise<void> {
  const { stream, revision } = run[0] as RecordedEvent;
  const events = run.map(({ id, type, data, meta }) => ({ id, type, data, meta }));
  const appendAt = (next: number) => to.append(stream, next === 0 ? "none" : next - 1, events);
  await appendAt(revision).catch((error) => {
    if (!(error instanceof WrongExpectedRevision)) throw error;
    return appendAt(error.actual === "none" ? 0 : error.actual + 1);
  });
}

/** Copies what stands behind a position, one append after the other, and says how much it was. */
export async function copyLog(
  from: EventStore,
  to: EventStore,
  after: number,
  { progress, signal }: Work,
): Promise<number> {
  const head = await from.head();
  let done = 0;
  async function* missing() {
    // Not every position can be read from, but that of an event can.
    for await (const event of from.readAll({ from: after }))
      if (event.position > after) yield event;
  }
  for await (const run of runs(missing())) {
    signal.throwIfAborted();
    await appendRun(to, run);
    done += run.length;
    const total = estimated(done, run.at(-1)?.position ?? 0, head, after);
    progress({ task: "Copying the events", unit: "events", done, total });
  }
  return done;
}
