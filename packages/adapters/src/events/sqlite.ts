import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { RecordedEvent } from "@daybook/domain";
import { GIVEN } from "../sqlite/sql.ts";
import { openWriter } from "../sqlite/writer.ts";
import {
  type Batch,
  DuplicateEventId,
  type EventStore,
  type LogOptions,
  type ReadOptions,
  type SubscribeOptions,
  WrongExpectedRevision,
} from "./port.ts";
import { type AppendAnswer, type AppendRequest, eventTables } from "./sqlite-program.ts";

/** Read at once: 1,000 events take about 2 ms, which other requests can wait for. */
const PAGE = 1000;
/** How soon an append of another process is seen: half of it on average. */
const POLL_MS = 5;
/** Who follows a busy log is given what came in so long at once, instead of one event after another. */
const GATHER_MS = 5;
/** Deleted in one transaction: short enough that appends beside it do not notice. */
const DELETE_STEP = 2000;

type EventRow = Omit<RecordedEvent, "data" | "meta"> & { data: string; meta: string };

const parse = (row: EventRow): RecordedEvent => ({
  id: row.id,
  type: row.type,
  stream: row.stream,
  revision: row.revision,
  position: row.position,
  data: JSON.parse(row.data),
  meta: JSON.parse(row.meta),
});

/** The embedded event store: one SQLite file, its writer on a thread, readers beside it. */
export async function openSqliteEventStore(
  file: string,
  { copyOf }: LogOptions = {},
): Promise<EventStore> {
  const writer = await openWriter({
    file,
    program: new URL("./sqlite-program.ts", import.meta.url).href,
    synchronous: "FULL",
    migration: eventTables,
  });
  if (copyOf) await writer.run({ kind: "copy", origin: copyOf });
  const db = new DatabaseSync(file, { readOnly: true });
  const { logId, originId } = db
    .prepare("SELECT id AS logId, coalesce((SELECT origin FROM copied), id) AS originId FROM log")
    .get() as Pick<EventStore, "logId" | "originId">;
  // Of the last event there ever was: one that retention deleted still was read and folded.
  const headQuery = db.prepare(
    "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0) AS head",
  );
  const versionQuery = db.prepare("PRAGMA data_version");
  const head = () => (headQuery.get() as { head: number }).head;
  const version = () => (versionQuery.get() as { data_version: number }).data_version;

  /** Subscriptions at the end of the log, by the version of the file they have read. */
  const waiting = new Set<{ seen: number; wake: () => void }>();
  const wakeChanged = () => {
    const now = version();
    for (const waiter of waiting) if (waiter.seen !== now) waiter.wake();
  };
  let waking = false;
  /** Once for all appends that were answered together. */
  const wakeSoon = () => {
    if (waking || waiting.size === 0) return;
    waking = true;
    setImmediate(() => {
      waking = false;
      if (db.isOpen) wakeChanged();
    });
  };
  // Appends of this process wake at once; those of other processes are found by polling.
  const poll = setInterval(() => waiting.size > 0 && wakeChanged(), POLL_MS).unref();

  function page(
    scope: { column: "revision" | "position"; stream?: string; upTo?: number },
    from: number,
    backwards: boolean,
    types: readonly string[] | undefined,
    limit: number,
  ): RecordedEvent[] {
    const conditions = [
      `${scope.column} ${backwards ? "<=" : ">="} ?`,
      ...(scope.stream === undefined ? [] : ["stream = ?"]),
      ...(scope.upTo === undefined ? [] : ["position <= ?"]),
      ...(types ? [`type IN (${types.map(() => "?").join()})`] : []),
    ];
    const sql = `SELECT id, type, stream, revision, position, data, meta FROM events
      WHERE ${conditions.join(" AND ")}
      ORDER BY ${scope.column} ${backwards ? "DESC" : "ASC"} LIMIT ${GIVEN}`;
    const given = [from, scope.stream, scope.upTo, ...(types ?? []), limit];
    const values = given.filter((value) => value !== undefined) as SQLInputValue[];
    return (prepare(sql).all(...values) as unknown as EventRow[]).map(parse);
  }

  const statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  function prepare(sql: string) {
    const statement = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }

  async function* read(
    column: "revision" | "position",
    stream: string | undefined,
    { from, direction = "forwards", limit = Number.POSITIVE_INFINITY, types }: ReadOptions = {},
  ): AsyncGenerator<RecordedEvent> {
    const backwards = direction === "backwards";
    const scope = stream === undefined ? { column } : { column, stream };
    let next = from ?? (backwards ? Number.MAX_SAFE_INTEGER : 0);
    let left = limit;
    while (left > 0) {
      const size = Math.min(left, PAGE);
      const events = page(scope, next, backwards, types, size);
      yield* events;
      left -= events.length;
      const last = events.at(-1);
      if (!last || events.length < size) return;
      next = last[column] + (backwards ? -1 : 1);
      // Between pages others get their turn.
      await new Promise(setImmediate);
    }
  }

  const appended = (seen: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const wake = () => {
        waiting.delete(waiter);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      const waiter = { seen, wake };
      if (signal.aborted || version() !== seen) return resolve();
      waiting.add(waiter);
      signal.addEventListener("abort", wake);
    });

  /** The newest events, read and parsed once for all who follow the end of the log. */
  const recent: { after: number; upTo: number; events: RecordedEvent[] } = {
    ...{ after: head(), upTo: head(), events: [] },
  };

  /** Events behind a position, and how far that reaches. */
  function eventsAfter(
    position: number,
    upTo: number,
    types: readonly string[] | undefined,
  ): { events: RecordedEvent[]; reached: number } {
    if (position < recent.after) {
      const events = page({ column: "position", upTo }, position + 1, false, types, PAGE);
      const last = events.length < PAGE ? undefined : events.at(-1);
      return { events, reached: last?.position ?? upTo };
    }
    if (recent.upTo < upTo) {
      const more = page({ column: "position", upTo }, recent.upTo + 1, false, undefined, PAGE);
      recent.upTo = more.length < PAGE ? upTo : (more.at(-1)?.position ?? upTo);
      recent.events.push(...more);
      const surplus = recent.events.splice(0, Math.max(recent.events.length - PAGE, 0)).at(-1);
      if (surplus) recent.after = surplus.position;
      // It was so far behind that some fell out before they were given.
      if (position < recent.after) return eventsAfter(position, upTo, types);
    }
    const first = recent.events.findLastIndex((event) => event.position <= position) + 1;
    const events = recent.events.slice(first);
    return {
      events: types ? events.filter(({ type }) => types.includes(type)) : events,
      reached: recent.upTo,
    };
  }

  async function* subscribe({ after, types, signal }: SubscribeOptions): AsyncGenerator<Batch> {
    let position = after;
    let given = after;
    let givenAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      const early = givenAt + GATHER_MS - performance.now();
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      // Taken before the head is read, so that what is committed in between ends the wait.
      const seen = version();
      const upTo = head();
      const { events, reached } = eventsAfter(position, upTo, types);
      const live = reached >= upTo;
      position = Math.max(position, reached);
      if (events.length > 0 || position > given || live) yield { events, position, live };
      given = position;
      givenAt = live ? performance.now() : Number.NEGATIVE_INFINITY;
      if (live) await appended(seen, signal);
      else await new Promise(setImmediate);
    }
  }

  return {
    logId,
    originId,
    append: async (stream, expected, events) => {
      const stored = events.map(({ id, type, data, meta }) => ({
        id,
        type,
        at: Date.parse(meta.at),
        data: JSON.stringify(data),
        meta: JSON.stringify(meta),
      }));
      const request: AppendRequest = { kind: "append", stream, expected, events: stored };
      const answer = await writer.run<AppendAnswer>(request, stored.length);
      if ("actual" in answer) throw new WrongExpectedRevision(stream, expected, answer.actual);
      if ("duplicate" in answer) throw new DuplicateEventId(answer.duplicate);
      wakeSoon();
      return answer.appended;
    },
    readStream: (stream, options) => read("revision", stream, options),
    readAll: (options) => read("position", undefined, options),
    subscribe,
    // A file does not hang up.
    connection: () => ({ restarts: 0, down: false }),
    head: async () => head(),
    deleteBefore: async (category, before) => {
      let deleted = 0;
      for (;;) {
        const step = await writer.run<number>({
          kind: "delete",
          category,
          before: before.getTime(),
          limit: DELETE_STEP,
        });
        deleted += step;
        // Whoever follows from further back reads what is left, not what is remembered.
        recent.after = recent.upTo;
        recent.events.length = 0;
        if (step < DELETE_STEP) return deleted;
      }
    },
    ping: async () => {
      head();
      await writer.ping();
    },
    close: async () => {
      clearInterval(poll);
      await writer.close();
      db.close();
    },
  };
}
