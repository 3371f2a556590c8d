import { sizeOf } from "../files.ts";
import { type Erasure, ledgerOf, readErasures, recordErasures } from "./erasures.ts";

/**
 * Whose key was erased. It lies outside of log and keys, so that it outlives the restoring of both,
 * and is followed by every process that holds keys in memory.
 */
export type Ledger = {
  /** Everybody it names, as of a moment ago; the same set as long as nobody was added. */
  subjects: () => ReadonlySet<string> | Promise<ReadonlySet<string>>;
  /** Everything it says. */
  entries: () => Promise<Erasure[]>;
  /** Adds to it, durably before it resolves; from then on `subjects` names them here. */
  record: (erasure: Erasure) => Promise<void>;
};

/** How long a key may still be used here after another process has erased it. */
const LOOK_MS = 20;

/** The ledger of an installation on embedded stores: a file in its folder. */
export function fileLedger(folder: string): Ledger {
  const file = ledgerOf(folder);
  let size = 0;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let named: ReadonlySet<string> = new Set();
  return {
    subjects: () => {
      const now = performance.now();
      if (now - lookedAt < LOOK_MS) return named;
      lookedAt = now;
      const grown = sizeOf(file);
      if (grown !== size) named = new Set(readErasures(file).map(({ subject }) => subject));
      size = grown;
      return named;
    },
    entries: async () => readErasures(file),
    record: async (erasure) => {
      recordErasures(file, [erasure]);
      lookedAt = Number.NEGATIVE_INFINITY;
    },
  };
}
