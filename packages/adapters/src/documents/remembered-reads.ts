import type { DatabaseSync } from "node:sqlite";

/** Documents held, in all: a few megabytes. */
const WEIGHT_MAX = 20_000;

export type RememberedReads = {
  /** What was read under a key, as long as the file has not changed; `weight` is in documents. */
  unlessChanged: <T>(key: string, weight: number, read: () => T) => T;
  /** To be called when this process has written: whoever asks next sees it. */
  changed: () => void;
};

/**
 * Remembers what was read from a file for as long as no other connection has written to it: what
 * everybody asks for again and again (who is signed in, the first page of a list) is read and
 * parsed once. SQLite's `data_version` tells, and is asked once in a turn of the event loop: what
 * another process committed before a request was sent is seen by it, since a request arrives in a
 * later turn. What is given out is shared: nobody may change it.
 */
export function rememberedReads(db: DatabaseSync): RememberedReads {
  const versionQuery = db.prepare("PRAGMA data_version");
  const reads = new Map<string, unknown>();
  let asOf = -1;
  let held = 0;
  let looked = false;
  const lookAgain = () => {
    looked = false;
  };

  function look() {
    looked = true;
    setImmediate(lookAgain);
    const { data_version: version } = versionQuery.get() as { data_version: number };
    if (version === asOf && held <= WEIGHT_MAX) return;
    reads.clear();
    held = 0;
    asOf = version;
  }

  return {
    unlessChanged: <T>(key: string, weight: number, read: () => T): T => {
      if (!looked) look();
      if (reads.has(key)) return reads.get(key) as T;
      const found = read();
      reads.set(key, found);
      held += weight;
      return found;
    },
    changed: lookAgain,
  };
}
