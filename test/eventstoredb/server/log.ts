import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type NewEvent, openSqliteEventStore } from "@daybook/adapters";
import type { RecordedEvent } from "@daybook/domain";

export type Proposed = {
  id: string;
  type: string;
  json: boolean;
  data: Uint8Array;
  metadata: Uint8Array;
};

export type LogEvent = Proposed & {
  stream: string;
  revision: number;
  /** Not one behind the other, as those of the original, which count bytes. */
  commit: number;
  createdMs: number;
};

export type Expected = number | "none" | "any" | "exists";
export type AppendOutcome =
  | { kind: "appended"; revision: number; commit: number | undefined }
  | { kind: "conflict"; actual: number | "none" }
  | { kind: "deleted" }
  | { kind: "too large"; max: number };

type StreamMetadata = { $maxAge?: number; $maxCount?: number; $tb?: number };
type StreamState = { last: number; tombstoned: boolean; metadata: StreamMetadata };

/** The original's own default, in bytes. */
const MAX_APPEND = 1024 * 1024;
const STRIDE = 64;

/** What a stream is truncated before that was deleted and may come back: the largest there is. */
const DELETED = Number.MAX_SAFE_INTEGER;
const deletedText = '"$tb":9223372036854775807';

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const bytes = (text: unknown) => new Uint8Array(Buffer.from(String(text), "base64"));

/** A row of our store: its fields hold what was sent, byte for byte, under an id of its own. */
function rowOf({ id, type, json, data, metadata }: Proposed): NewEvent {
  const rowId = randomUUID();
  return {
    id: rowId,
    type,
    data: { id, json, data: base64(data), metadata: base64(metadata) },
    meta: {
      at: new Date().toISOString(),
      actor: { kind: "system", id: "eventstoredb" },
      organization: "",
      commandId: rowId,
      correlationId: rowId,
      schemaVersion: 1,
    },
  };
}

const eventOf = ({ type, stream, revision, position, data, meta }: RecordedEvent): LogEvent => ({
  ...{ type, stream, revision, commit: position * STRIDE, createdMs: Date.parse(meta.at) },
  ...{ id: String(data.id), json: data.json === true },
  ...{ data: bytes(data.data), metadata: bytes(data.metadata) },
});

/** Throws for a position at which no event stands, as the original refuses to read from there. */
function rowPosition(commit: number): number {
  if (commit % STRIDE !== 0) throw new Error(`there is no event at position ${commit}`);
  return commit / STRIDE;
}

/**
 * EventStoreDB's rules of appending, deleting and truncating, over our embedded store: as durable as
 * that is, and whole when the process is killed.
 */
export async function openLog(folder: string) {
  const store = await openSqliteEventStore(join(folder, "events.db"));
  const streams = new Map<string, StreamState>();
  /** Where ids stand, as far as this process has seen them appended: the original's is a cache too. */
  const seen = new Map<string, { stream: string; revision: number }>();

  function stateOf(stream: string): StreamState {
    const known = streams.get(stream);
    if (known) return known;
    const isMeta = stream.startsWith("$$");
    const state = { last: -1, tombstoned: false, metadata: isMeta ? { $maxCount: 1 } : {} };
    streams.set(stream, state);
    return state;
  }

  function note(stream: string, revision: number, { type, data }: Proposed): void {
    const state = stateOf(stream);
    state.last = Math.max(state.last, revision);
    if (type === "$streamDeleted") state.tombstoned = true;
    if (stream.startsWith("$$") && type === "$metadata")
      stateOf(stream.slice(2)).metadata = JSON.parse(Buffer.from(data).toString() || "{}");
  }
  for await (const row of store.readAll()) note(row.stream, row.revision, eventOf(row));

  const isDeleted = ({ metadata }: StreamState) => (metadata.$tb ?? 0) >= DELETED;

  function fits({ last, ...rest }: StreamState, expected: Expected): boolean {
    const exists = last >= 0 && !isDeleted({ last, ...rest });
    if (expected === "any") return true;
    if (expected === "exists") return exists;
    return expected === "none" ? !exists : expected === last;
  }

  /** At an exact revision known ids are compared only where the stream has gone on: #1898. */
  async function repeated(stream: string, expected: Expected, events: readonly Proposed[]) {
    if (events.length === 0) return undefined;
    if (expected === "any" || expected === "exists") {
      const found = events.map(({ id }) => seen.get(id));
      if (!found.every((one) => one?.stream === stream)) return undefined;
      return found.at(-1)?.revision;
    }
    const first = expected === "none" ? 0 : expected + 1;
    const options = { from: first, limit: events.length };
    const there = (await Array.fromAsync(store.readStream(stream, options))).map(eventOf);
    const same = there.length === events.length && events.every(({ id }, n) => id === there[n]?.id);
    return same ? first + events.length - 1 : undefined;
  }

  /** What is being committed to a stream: a conflict with it is answered when it can be read. */
  const committing = new Map<string, Promise<unknown>>();

  async function write(stream: string, events: readonly Proposed[]) {
    const state = stateOf(stream);
    // Noted before it is committed: whoever comes next in the same turn must find it.
    for (const event of events) {
      note(stream, state.last + 1, event);
      seen.set(event.id, { stream, revision: state.last });
    }
    const revision = state.last;
    const commit = store.append(stream, "any", events.map(rowOf));
    committing.set(stream, commit);
    const { position } = await commit;
    if (committing.get(stream) === commit) committing.delete(stream);
    return { kind: "appended" as const, revision, commit: position * STRIDE };
  }

  const metadataEvent = (text: string): Proposed => ({
    ...{ id: randomUUID(), type: "$metadata", json: true, metadata: new Uint8Array() },
    data: new Uint8Array(Buffer.from(text)),
  });

  async function append(
    stream: string,
    expected: Expected,
    events: readonly Proposed[],
  ): Promise<AppendOutcome> {
    const state = stateOf(stream);
    if (state.tombstoned) return { kind: "deleted" };
    const size = events.reduce((sum, one) => sum + one.data.length + one.metadata.length, 0);
    if (size > MAX_APPEND) return { kind: "too large", max: MAX_APPEND };
    const isOpen = expected === "any" || expected === "exists";
    if (isOpen || !fits(state, expected)) {
      const revision = await repeated(stream, expected, events);
      if (revision !== undefined) return { kind: "appended", revision, commit: undefined };
    }
    if (!fits(state, expected)) {
      await committing.get(stream);
      return { kind: "conflict", actual: state.last < 0 ? "none" : state.last };
    }
    if (events.length === 0) return { kind: "appended", revision: state.last, commit: undefined };
    if (isDeleted(state)) {
      const metadata = { ...state.metadata, $tb: state.last + 1 };
      await write(`$$${stream}`, [metadataEvent(JSON.stringify(metadata))]);
    }
    return write(stream, events);
  }

  /** Deletes a stream: for good, or so that it may begin anew behind its last revision. */
  async function remove(stream: string, expected: Expected, forGood: boolean) {
    const state = stateOf(stream);
    if (state.tombstoned) return { kind: "deleted" as const };
    if (!fits(state, expected))
      return {
        kind: "conflict" as const,
        actual: state.last < 0 ? ("none" as const) : state.last,
      };
    if (forGood)
      return write(stream, [{ ...metadataEvent(""), type: "$streamDeleted", json: false }]);
    const rest = JSON.stringify({ ...state.metadata, $tb: undefined }).slice(1, -1);
    const answer = await write(`$$${stream}`, [
      metadataEvent(`{${[rest, deletedText].filter(Boolean).join()}}`),
    ]);
    return answer;
  }

  async function* readStream(
    stream: string,
    from: number | undefined,
    backwards: boolean,
  ): AsyncGenerator<LogEvent> {
    const { last, metadata } = stateOf(stream);
    const { $tb = 0, $maxCount = Number.POSITIVE_INFINITY, $maxAge } = metadata;
    const first = Math.max($tb, last - $maxCount + 1);
    const sinceMs = $maxAge === undefined ? 0 : Date.now() - $maxAge * 1000;
    const options = backwards
      ? { direction: "backwards" as const, ...(from !== undefined && { from }) }
      : { from: Math.max(from ?? 0, first) };
    for await (const row of store.readStream(stream, options)) {
      if (row.revision < first) return;
      const event = eventOf(row);
      if (event.createdMs >= sinceMs) yield event;
    }
  }

  /** Forwards with the event at the position, backwards those before it; truncated ones too. */
  async function* readAll(from: number | undefined, backwards: boolean): AsyncGenerator<LogEvent> {
    const position = from === undefined ? undefined : rowPosition(from);
    const options = backwards
      ? { direction: "backwards" as const, ...(position !== undefined && { from: position - 1 }) }
      : { from: position ?? 0 };
    for await (const row of store.readAll(options)) yield eventOf(row);
  }

  async function* subscribe(after: number, signal: AbortSignal) {
    const position = rowPosition(after);
    for await (const { events, live } of store.subscribe({ after: position, signal }))
      yield { events: events.map(eventOf), live };
  }

  return {
    append,
    remove,
    readStream,
    readAll,
    subscribe,
    head: async () => (await store.head()) * STRIDE,
    /** Why there is nothing to read, if so. */
    missing: (stream: string): "deleted" | "not found" | undefined => {
      const state = stateOf(stream);
      if (state.tombstoned) return "deleted";
      return state.last < 0 || isDeleted(state) ? "not found" : undefined;
    },
    close: store.close,
  };
}

export type Log = Awaited<ReturnType<typeof openLog>>;
