import type { EventMeta, RecordedEvent } from "@daybook/domain";

/** The revision a stream must be at: a number, "none" for a new stream, "any" for mere records. */
export type ExpectedRevision = number | "none" | "any";

export type NewEvent = {
  /** UUIDv7. */
  id: string;
  type: string;
  data: Record<string, unknown>;
  meta: EventMeta;
};

/** Where an append stands. */
export type Appended = {
  /** Of its last event. */
  revision: number;
  /** Of its last event. */
  position: number;
  /** Whether the events stood there before, perhaps recorded at another time. */
  repeated: boolean;
};

export type ReadOptions = {
  /** The first revision or position to give, itself included. By default the start or the end. */
  from?: number;
  direction?: "forwards" | "backwards";
  limit?: number;
  /** Only these types. */
  types?: readonly string[];
  /** Without `false` events come with the address and device they came from, which are sealed. */
  origin?: boolean;
};

/** What a subscription gives: events in order, and how far it has read, also where none matched. */
export type Batch = {
  events: RecordedEvent[];
  /** Everything up to here was given or did not match. */
  position: number;
  /** Whether the end of the log was reached when this was read. */
  live: boolean;
};

export type SubscribeOptions = {
  /** Events behind this position are given; 0 is the start of the log. */
  after: number;
  types?: readonly string[];
  /** As in ReadOptions. */
  origin?: boolean;
  signal: AbortSignal;
};

/** What a store may be opened for. */
export type LogOptions = {
  /** The origin that the log is given, where it holds no event yet and has none. */
  copyOf?: string | undefined;
};

/** How the connection to the store fares. */
export type ConnectionStatus = {
  /** How often a subscription ended, for whatever reason, and was taken up again. */
  restarts: number;
  /** Whether one has ended and is not back yet: what is read from it falls behind. */
  down: boolean;
};

/**
 * An append-only log of events in streams. The terms are EventStoreDB's: a stream has revisions
 * from 0, the log has positions that rise, with gaps.
 *
 * @example
 * const { position } = await store.append("user-7", "none", [created]);
 * for await (const event of store.readStream("user-7")) state = evolve(state, event);
 */
export interface EventStore {
  /** Made once with the log. Positions of another log mean nothing in this one. */
  readonly logId: string;
  /**
   * The id of the log that this one was copied from, else its own: what derives from the id of an
   * installation's log derives from this one, and stays what it is when the log is copied.
   */
  readonly originId: string;
  /**
   * Appends all events or none, durably before it answers. The same ids at the same expected
   * revision are answered as the first time. Throws WrongExpectedRevision, DuplicateEventId, or
   * StoreUnavailable when nothing is known to be stored.
   */
  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<Appended>;
  /** The events of a stream; none where there is no such stream. */
  readStream(stream: string, options?: ReadOptions): AsyncIterable<RecordedEvent>;
  /** The events of the whole log. */
  readAll(options?: ReadOptions): AsyncIterable<RecordedEvent>;
  /** Catches up, then goes on live, in order, with no gap and no repeat, until it is aborted. */
  subscribe(options: SubscribeOptions): AsyncIterable<Batch>;
  /** How the subscriptions of this process fare: for metrics and for readiness. */
  connection(): ConnectionStatus;
  /** The position of the last event, also where it was deleted since; 0 when there was none. */
  head(): Promise<number>;
  /**
   * Deletes the events of a category that were recorded before an instant, in bounded steps, and
   * returns how many. Revisions go on where they were.
   */
  deleteBefore(category: string, before: Date): Promise<number>;
  /** Throws where the store cannot be read. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Somebody else appended first. */
export class WrongExpectedRevision extends Error {
  override readonly name = "WrongExpectedRevision";
  readonly stream: string;
  readonly actual: number | "none";
  constructor(stream: string, expected: ExpectedRevision, actual: number | "none") {
    super(`${stream} is at ${actual}, expected ${expected}`);
    this.stream = stream;
    this.actual = actual;
  }
}

/** An event with this id stands elsewhere in the log. */
export class DuplicateEventId extends Error {
  override readonly name = "DuplicateEventId";
}
