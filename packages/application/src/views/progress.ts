import type { DocumentStore } from "@daybook/adapters";
import { unavailable } from "@daybook/domain";
import type { Row } from "@daybook/projections";
import { CHECKPOINTS } from "./names.ts";

/** How far a collection has come. */
export type CheckpointRow = Row & {
  position: number;
  /** Set where it met an event that this program does not know: it waits for one that does. */
  stopped?: { position: number; type: string } | undefined;
};

/** How often a process that does not run the projections looks how far they are. */
const POLL_MS = 10;

/** How far the collections have come. */
export type Progress = {
  checkpoint: (collection: string) => Promise<CheckpointRow | undefined>;
  /** Tells how far a collection has come, and wakes who waits for it. */
  advance: (collection: string, at: Pick<CheckpointRow, "position" | "stopped">) => void;
  /** No longer folded here: how far it is, its checkpoint tells. */
  forget: (collection: string) => void;
  /** Makes what was told durable: after a crash, events behind it are read again and passed over. */
  saveCheckpoints: () => Promise<void>;
  /** Waits until a collection has passed a position. Refuses `view/behind` after `timeoutMs`. */
  waitFor: (collection: () => string, position: number, timeoutMs: number) => Promise<void>;
};

/**
 * Saves how far collections have come, unless somebody has come further: a worker that was taken
 * over from says the truth, but an old one. Returns those that others wrote meanwhile.
 */
async function saveFurther(
  documents: DocumentStore,
  rows: readonly CheckpointRow[],
): Promise<string[]> {
  const ids = rows.map(({ id }) => id);
  const saved = await documents.getMany<CheckpointRow>(CHECKPOINTS, ids);
  const before = new Map(saved.map((one) => [one.id, one]));
  const writes = rows
    .filter(({ id, position }) => (before.get(id)?.row?.position ?? 0) <= position)
    .map((row) => {
      const after = before.get(row.id)?.guard;
      return { id: row.id, row, guard: (after ?? 0) + 1, after };
    });
  return documents.write(CHECKPOINTS, writes);
}

export function openProgress(documents: DocumentStore): Progress {
  /** Of the collections that this process folds. */
  const reached = new Map<string, number>();
  const unsaved = new Map<string, CheckpointRow>();
  const waiting = new Set<() => void>();

  const checkpoint = async (collection: string) =>
    (await documents.get<CheckpointRow>(CHECKPOINTS, collection))?.row ?? undefined;

  const changed = (timeoutMs: number) =>
    new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      waiting.add(wake);
    });

  return {
    checkpoint,
    advance: (collection, at) => {
      reached.set(collection, at.position);
      unsaved.set(collection, { id: collection, organization: "", ...at });
      for (const wake of waiting) wake();
    },
    forget: (collection) => {
      reached.delete(collection);
    },
    saveCheckpoints: async () => {
      const rows = [...unsaved.values()];
      if (rows.length === 0) return;
      unsaved.clear();
      let open: ReadonlySet<string> = new Set(rows.map(({ id }) => id));
      try {
        open = new Set(await saveFurther(documents, rows));
      } finally {
        for (const row of rows)
          if (open.has(row.id) && !unsaved.has(row.id)) unsaved.set(row.id, row);
      }
    },
    waitFor: async (collection, position, timeoutMs) => {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const here = reached.get(collection());
        if ((here ?? (await checkpoint(collection()))?.position ?? 0) >= position) return;
        const left = deadline - Date.now();
        if (left <= 0) throw unavailable("view/behind");
        await changed(here === undefined ? Math.min(POLL_MS, left) : left);
      }
    },
  };
}
