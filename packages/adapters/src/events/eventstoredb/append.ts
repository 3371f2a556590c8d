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

/** How often an append is sent that was never answered. */
const TRIES = 2;

const next = (expected: Exact): number => (expected === "none" ? 0 : expected + 1);

function appendedAt(there: readonly { revision: number; position: number }[], repeated: boolean) {
  const last = there.at(-1) ?? { revision: -1, position: 0 };
  const positions = there.map(({ position }) => position);
  return { revision: last.revision, position: last.position, positions, repeated };
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
    const revision = next(expected);
    if (position !== undefined && events.length === 1)
      return appendedAt([{ revision, position }], false);
    // The answer tells where the last one stands, and no more.
    const there = await standing(stream, expected, events);
    if (!there) throw new Error(`what was appended to ${stream} is not there`);
    return appendedAt(there, false);
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
        if (there) return appendedAt(there, true);
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

  /**
   * At any revision all of the stream is read for the ids, and the append is at the revision found:
   * the server would not know events that it has not seen of late. It is for mere records.
   */
  async function appendAnywhere(stream: string, events: readonly NewEvent[]): Promise<Appended> {
    const ids = new Map(events.map(({ id }, n) => [id, n]));
    for (let known: Exact = "none"; ; ) {
      const found: RecordedEvent[] = [];
      for await (const event of readStream(stream)) {
        if (ids.has(event.id)) found.push(event);
        known = Math.max(event.revision, known === "none" ? -1 : known);
      }
      const [first] = found;
      const inOrder = found.every(
        ({ id, revision }, n) => ids.get(id) === n && revision === (first?.revision ?? 0) + n,
      );
      if (first && inOrder && found.length === events.length) return appendedAt(found, true);
      if (first) throw new DuplicateEventId(first.id);
      try {
        return await appendAt(stream, known, events);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        known = error.actual;
      }
    }
  }

  /** Appends at any revision to one stream, one after the other: they would only conflict. */
  const turns = new Map<string, Promise<unknown>>();
  function inTurn<T>(stream: string, work: () => Promise<T>): Promise<T> {
    const turn = (turns.get(stream) ?? Promise.resolve()).then(work, work);
    const done = turn
      .catch(() => {})
      .then(() => {
        if (turns.get(stream) === done) turns.delete(stream);
      });
    turns.set(stream, done);
    return turn;
  }

  return async (stream: string, expected: ExpectedRevision, events: readonly NewEvent[]) => {
    requireDistinct(events);
    return expected === "any"
      ? inTurn(stream, () => appendAnywhere(stream, events))
      : appendAt(stream, expected, events);
  };
}
