import type { DatabaseSync } from "node:sqlite";

/** Documents held, in all: a few megabytes. */
const WEIGHT_MAX = 20_000;

/** What was read under a key, as long as the file has not changed; `weight` is in documents. */
export type RememberedReads = <T>(key: string, weight: number, read: () => T) => T;

/**
 * Remembers what was read from a file for as long as no other connection has written to it: what
 * everybody asks for again and again (who is signed in, the first page of a list) is read and
 * parsed once. SQLite's `data_version` tells, and costs a tenth of a read. What is given out is
 * shared: nobody may change it.
 */
export function rememberedReads(db: DatabaseSync): RememberedReads {
  const versionQuery = db.prepare("PRAGMA data_version");
  const reads = new Map<string, unknown>();
  let asOf = -1;
  let held = 0;
  return <T>(key: string, weight: number, read: () => T): T => {
    const { data_version: version } = versionQuery.get() as { data_version: number };
    if (version !== asOf || held > WEIGHT_MAX) {
      reads.clear();
      held = 0;
      asOf = version;
    }
    if (reads.has(key)) return reads.get(key) as T;
    const found = read();
    reads.set(key, found);
    held += weight;
    return found;
  };
}
