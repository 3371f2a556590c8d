import type { RecordedEvent } from "@daybook/domain";
import {
  BACKWARDS,
  END,
  FORWARDS,
  START,
  type StreamingRead,
  StreamNotFoundError,
} from "@eventstore/db-client";
import type { ReadOptions } from "../port.ts";
import { type Connection, pause, waitMs } from "./connection.ts";
import { isAnswer, thrownFor } from "./errors.ts";
import { isOurs, positionOf, recordedOf, type ServerEvent } from "./recorded.ts";

/** Read at once: a page that fails is read again. */
const PAGE = 1000;

type Direction = "forwards" | "backwards";

/** Reads one page, a second time where the connection failed: it may have been made anew. */
async function page(
  { collect, waits }: Connection,
  read: () => StreamingRead<{ event?: ServerEvent }>,
): Promise<ServerEvent[]> {
  for (let attempt = 0; ; attempt++) {
    try {
      return (await collect(read)).flatMap(({ event }) => event ?? []);
    } catch (error) {
      if (error instanceof StreamNotFoundError) return [];
      if (isAnswer(error) || attempt > 0) throw thrownFor(error);
      await pause(waitMs(attempt, waits));
    }
  }
}

/** A page of a stream, as the server has it. */
export const streamPage = (
  connection: Connection,
  stream: string,
  from: number | undefined,
  direction: Direction,
  maxCount: number,
): Promise<ServerEvent[]> =>
  page(connection, () =>
    connection.client.readStream(stream, {
      direction: direction === "backwards" ? BACKWARDS : FORWARDS,
      fromRevision: from === undefined ? (direction === "backwards" ? END : START) : BigInt(from),
      maxCount,
      requiresLeader: connection.requiresLeader,
    }),
  );

/** A page of the log: forwards with the event at the position, backwards those before it. */
export const logPage = (
  connection: Connection,
  from: number | undefined,
  direction: Direction,
  maxCount: number,
): Promise<ServerEvent[]> =>
  page(connection, () =>
    connection.client.readAll({
      direction: direction === "backwards" ? BACKWARDS : FORWARDS,
      fromPosition: from ? at(from) : direction === "backwards" ? END : START,
      maxCount,
      requiresLeader: connection.requiresLeader,
    }),
  );

export const at = (position: number) => ({ commit: BigInt(position), prepare: BigInt(position) });

/** Page after page until there are no more; the pages grow where much is passed over. */
async function* pages(
  limit: number,
  next: (size: number) => Promise<ServerEvent[]>,
): AsyncGenerator<ServerEvent[]> {
  for (let size = Math.min(limit, PAGE); size > 0; size = Math.min(size * 2, PAGE)) {
    const events = await next(size);
    yield events;
    if (events.length < size) return;
  }
}

async function* wanted(
  all: AsyncIterable<ServerEvent[]>,
  { types, limit = Number.POSITIVE_INFINITY }: ReadOptions,
  isGone: (event: RecordedEvent) => boolean,
): AsyncGenerator<RecordedEvent> {
  let left = limit;
  if (left === 0) return;
  for await (const events of all)
    for (const event of events) {
      if (!isOurs(event) || (types && !types.includes(event.type))) continue;
      const recorded = recordedOf(event);
      if (isGone(recorded)) continue;
      yield recorded;
      if (--left === 0) return;
    }
}

/** Reads of a connection; `isGone` tells which events retention has deleted. */
export function reads(connection: Connection, isGone: (event: RecordedEvent) => boolean) {
  function readStream(stream: string, options: ReadOptions = {}): AsyncIterable<RecordedEvent> {
    const { direction = "forwards", limit = Number.POSITIVE_INFINITY } = options;
    const step = direction === "backwards" ? -1 : 1;
    let from = options.from;
    const all = pages(limit, async (size) => {
      // Backwards there is nothing before the first.
      if (from !== undefined && from < 0) return [];
      const events = await streamPage(connection, stream, from, direction, size);
      const last = events.at(-1);
      if (last) from = Number(last.revision) + step;
      return events;
    });
    return wanted(all, options, isGone);
  }

  function readAll(options: ReadOptions = {}): AsyncIterable<RecordedEvent> {
    const { direction = "forwards", limit = Number.POSITIVE_INFINITY } = options;
    return wanted(
      direction === "backwards"
        ? logBackwards(options.from, limit)
        : logForwards(options.from, limit),
      options,
      isGone,
    );
  }

  function logForwards(start: number | undefined, limit: number) {
    let from = start;
    let given = false;
    return pages(limit, async (size) => {
      // Behind the first page the server begins with the event that was given last.
      const events = await logPage(connection, from, "forwards", given ? size + 1 : size);
      const fresh = given ? events.slice(1) : events;
      const last = events.at(-1);
      if (last) {
        from = positionOf(last);
        given = true;
      }
      return fresh;
    });
  }

  async function* logBackwards(start: number | undefined, limit: number) {
    let from = start;
    if (from !== undefined) {
      const [first] = await logPage(connection, from, "forwards", 1);
      if (first && positionOf(first) === from) yield [first];
    }
    yield* pages(limit, async (size) => {
      const events = await logPage(connection, from, "backwards", size);
      const last = events.at(-1);
      if (last) from = positionOf(last);
      return events;
    });
  }

  /** The position of the last event of ours: what the server adds for itself does not count. */
  async function head(): Promise<number> {
    for await (const events of logBackwards(undefined, 1)) {
      const last = events.find(isOurs);
      if (last) return positionOf(last);
    }
    return 0;
  }

  return { readStream, readAll, head };
}
