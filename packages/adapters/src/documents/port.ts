import type { Filter, Page, Query, Row } from "@daybook/projections";

export type Collection = {
  name: string;
  /** Fields of each declared index, in order. The id is appended. */
  indexes: readonly (readonly string[])[];
  /** How many of them to make now, the first ones; all by default. Those that are there stay. */
  indexed?: number;
};

/** A stored document: its row, or `null` for the tombstone of a deleted one. */
export type Document<R extends Row = Row> = { id: string; guard: number; row: R | null };

/** A write that happens only if nobody else wrote in between. */
export type GuardedWrite = {
  id: string;
  row: Row | null;
  /** What the document is guarded by from now on: the position or revision last folded into it. */
  guard: number;
  /** The guard it had when it was read; `undefined` where there was no document. */
  after: number | undefined;
};

/** How the store's server is reached. A file is always there, and takes no connection. */
export type Connection = {
  /** Whether no server is known that takes writes. */
  down: boolean;
  /** Connections that are open, and how many of them are at work. */
  open: number;
  used: number;
};

/**
 * Collections of JSON documents with declared indexes, in MongoDB's terms and as narrow as read
 * models need: no joins, no aggregation, nothing whose cost grows with the collection.
 */
export interface DocumentStore {
  /** Makes the collection and its indexes, also new ones over documents that are there. */
  ensure(collection: Collection): Promise<void>;
  get<R extends Row>(collection: string, id: string): Promise<Document<R> | undefined>;
  /** Those that are there, tombstones included, in no order. */
  getMany<R extends Row>(collection: string, ids: readonly string[]): Promise<Document<R>[]>;
  /** Every document, tombstones included, in the order of ids; also while others write. */
  scan<R extends Row>(collection: string): AsyncIterable<Document<R>>;
  /**
   * One page by keyset, its cursor made by `encodeCursor`; deleted ones are left out. Text is
   * ordered by code points. Throws InvalidCursor.
   */
  find<R extends Row>(collection: string, query: Query): Promise<Page<R>>;
  /** How many match, counted no further than `cap`. */
  count(collection: string, filter: Filter, cap: number): Promise<number>;
  /** Each atomic, all in one batch. Returns the ids whose guard had moved, and were not written. */
  write(collection: string, writes: readonly GuardedWrite[]): Promise<string[]>;
  /** Deletes without a trace: for state such as sessions, not for read models. */
  remove(collection: string, ids: readonly string[]): Promise<void>;
  /** Deletes it with all its documents, in steps that others can write between. */
  drop(collection: string): Promise<void>;
  /** The names of the collections that are there. */
  collections(): Promise<string[]>;
  /** Throws where the store cannot be read. */
  ping(): Promise<void>;
  /** As it was last seen: nothing is asked. */
  connection(): Connection;
  close(): Promise<void>;
}

/** The cursor is damaged, or of a query with another order. */
export class InvalidCursor extends Error {
  override readonly name = "InvalidCursor";
}
