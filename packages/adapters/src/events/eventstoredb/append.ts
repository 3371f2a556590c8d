import { randomUUID } from "node:crypto";
import type { RecordedEvent } from "@daybook/domain";
import { WrongExpectedVersionError } from "@eventstore/db-client";
import {
  type Appended,
  DuplicateEventId,
  type ExpectedRevision,
  type NewEvent,
  type ReadOptions,
  WrongExpectedRevision,
} from "../port.ts";
import { type Connection, pause, waitMs } from "./connection.ts";
import { isAnswer, thrownFor } from "./errors.ts";
import { outgoing } from "./recorded.ts";

type ReadStream = (stream: string, options?: ReadOptions) => AsyncIterable<RecordedEvent>;
type Exact = Exclude<ExpectedRevision, "any">;

/** What stands in a stream, as far as it was read, and who appends to it last. */
type Turns = {
  ids: Map<string, { revision: number; position: number }>;
  last: number;
  tail: Promise<void>;
};

/** How often an append is sent that was never answered. */
const TRIES = 2;

const next = (expected: Exact): number => (expected === "none" ? 0 : expected + 1);

/** The answer for events that stand there already. */
function standingAt(there: readonly { revision: number; position: number }[]): Appended {
  const { revision, position } = there.at(-1) ?? { revision: -1, position: 0 };
  return { revision, position, repeated: true };
}

function requireDistinct(events: readonly NewEvent[]): void {
  const ids = new Set<string>();
  for (const { id } of events) {
    if (ids.has(id)) throw new DuplicateEventId(id);
    ids.add(id);
  }
}

/** Appends of a connection. `readStream` is how they find out what stands in a stream. */
export function appends(connection: Connection, readStream: ReadStream) {
  /** Where these events stand behind a revision, if they do. */
  async function standing(stream: string, expected: Exact, events: readonly NewEvent[]) {
    const options = { from: next(expected), limit: events.length };
    const there = await Array.fromAsync(readStream(stream, options));
    const same = there.length === events.length && events.every(({ id }, n) => id === there[n]?.id);
    return same && there[0]?.revision === next(expected) ? there : undefined;
  }

  async function send(stream: string, expected: Exact, events: readonly NewEvent[]) {
    const sent = events.map((event) => outgoing(event, randomUUID()));
    const position = await connection.append(stream, expected, sent);
    const revision = next(expected) + events.length - 1;
    if (position !== undefined) return { revision, position, repeated: false };
    // An answer may leave out where it stands.
    const there = await standing(stream, expected, events);
    if (!there) throw new Error(`what was appended to ${stream} is not there`);
    return { ...standingAt(there), repeated: false };
  }

  /**
   * Appends at an exact revision. Where no answer came, the stream is read before it is sent again:
   * a second copy could only be told from the first by its revision.
   */
  async function appendAt(
    stream: string,
    expected: Exact,
    events: readonly NewEvent[],
  ): Promise<Appended> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await send(stream, expected, events);
      } catch (error) {
        const isConflict = error instanceof WrongExpectedVersionError;
        if (isAnswer(error) && !isConflict) throw error;
        // The client makes its channel anew in a later turn.
        if (!isConflict) await pause(waitMs(attempt, connection.waits));
        const there = await standing(stream, expected, events);
        if (there) return standingAt(there);
        if (isConflict)
          throw new WrongExpectedRevision(
            stream,
            expected,
            error.actualVersion === "no_stream" ? "none" : Number(error.actualVersion),
          );
        if (attempt === TRIES) throw thrownFor(error);
      }
    }
  }

  /** Streams that are being appended to at any revision: as far as they were read. */
  const turns = new Map<string, Turns>();

  /**
   * At any revision all of the stream is read for the ids, and the append is at the revision found:
   * the server would not know events that it has not seen of late. It is for mere records.
   */
  async function appendAnywhere(stream: string, events: readonly NewEvent[], seen: Turns) {
    for (;;) {
      for await (const event of readStream(stream, { from: seen.last + 1 })) {
        seen.ids.set(event.id, event);
        seen.last = event.revision;
      }
      const found = events.flatMap(({ id }) => seen.ids.get(id) ?? []);
      const [first] = found;
      const inOrder = found.every(({ revision }, n) => revision === (first?.revision ?? 0) + n);
      if (first && inOrder && found.length === events.length) return standingAt(found);
      const known = events.find(({ id }) => seen.ids.has(id));
      if (known) throw new DuplicateEventId(known.id);
      try {
        return await appendAt(stream, seen.last < 0 ? "none" : seen.last, events);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        // Where retention has deleted the last ones, the server alone knows their revisions.
        const { actual } = error;
        const there = await Array.fromAsync(readStream(stream, { from: seen.last + 1, limit: 1 }));
        if (there.length === 0 && actual !== "none") seen.last = actual;
      }
    }
  }

  /** One after the other: at the same revision only one would get through. */
  async function inTurn(stream: string, events: readonly NewEvent[]): Promise<Appended> {
    const these = turns.get(stream) ?? { ids: new Map(), last: -1, tail: Promise.resolve() };
    turns.set(stream, these);
    const turn = these.tail.then(() => appendAnywhere(stream, events, these));
    const tail = turn.then(
      () => {},
      () => {},
    );
    these.tail = tail;
    await tail;
    if (these.tail === tail) turns.delete(stream);
    return turn;
  }

  return async (stream: string, expected: ExpectedRevision, events: readonly NewEvent[]) => {
    requireDistinct(events);
    return expected === "any" ? inTurn(stream, events) : appendAt(stream, expected, events);
  };
}
