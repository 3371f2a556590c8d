import type { DatabaseSync } from "node:sqlite";

/** Documents taken up before all are let go: a few megabytes. */
const WEIGHT_MAX = 20_000;

export type RememberedReads = {
  /** One document, for as long as it is not written. */
  document: <T>(collection: string, id: string, read: () => T) => T;
  /** What a query says, for as long as nothing of the collection is written; `weight` is in documents. */
  query: <T>(collection: string, query: string, weight: number, read: () => T) => T;
  /** To be called when this process has written these documents, or all: whoever asks next sees it. */
  written: (collection: string, ids?: readonly string[]) => void;
};

/** What was read of one collection. */
type Reads = { documents: Map<string, unknown>; queries: Map<string, unknown> };

/**
 * Remembers what was read from a file for as long as nobody has written to it: what everybody asks
 * for again and again (who is signed in, the first page of a list) is read and parsed once. What
 * this process writes, it names. SQLite's `data_version` tells that somebody wrote, and the file
 * itself who did (`handovers`, see `sqlite-program.ts`): when it was another process, everything is
 * forgotten. It is asked once in a turn of the event loop: what another process committed before a
 * request was sent is seen by it, since a request arrives in a later turn. What is given out is
 * shared: nobody may change it.
 */
export function rememberedReads(db: DatabaseSync, writer: string): RememberedReads {
  const versionQuery = db.prepare("PRAGMA data_version");
  const writerQuery = db.prepare("SELECT writer, handovers FROM written");
  const collections = new Map<string, Reads>();
  let version = -1;
  let handovers = -1;
  let held = 0;
  let looked = false;

  function forgetAll() {
    collections.clear();
    held = 0;
  }

  function look() {
    looked = true;
    setImmediate(() => {
      looked = false;
    });
    if (held > WEIGHT_MAX) forgetAll();
    const seen = versionQuery.get() as { data_version: number };
    if (seen.data_version === version) return;
    version = seen.data_version;
    const last = writerQuery.get() as { writer: string; handovers: number };
    if (last.writer !== writer || last.handovers !== handovers) forgetAll();
    handovers = last.handovers;
  }

  function readsOf(collection: string): Reads {
    if (!looked) look();
    const known = collections.get(collection);
    if (known) return known;
    const made: Reads = { documents: new Map(), queries: new Map() };
    collections.set(collection, made);
    return made;
  }

  function remembered<T>(
    reads: Map<string, unknown>,
    key: string,
    weight: number,
    read: () => T,
  ): T {
    if (reads.has(key)) return reads.get(key) as T;
    const found = read();
    reads.set(key, found);
    held += weight;
    return found;
  }

  return {
    document: (collection, id, read) => remembered(readsOf(collection).documents, id, 1, read),
    query: (collection, query, weight, read) =>
      remembered(readsOf(collection).queries, query, weight, read),
    written: (collection, ids) => {
      const known = collections.get(collection);
      if (!ids) known?.documents.clear();
      for (const id of ids ?? []) known?.documents.delete(id);
      known?.queries.clear();
    },
  };
}
