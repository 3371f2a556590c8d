import { type DocumentStore, overwrite } from "@daybook/adapters";
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
  /** Makes what was told durable: after a crash, events behind it are read again and passed over. */
  saveCheckpoints: () => Promise<void>;
  /** Waits until a collection has passed a position. Refuses `view/behind` after `timeoutMs`. */
  waitFor: (collection: () => string, position: number, timeoutMs: number) => Promise<void>;
};

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
    saveCheckpoints: async () => {
      const rows = [...unsaved.values()];
      if (rows.length === 0) return;
      unsaved.clear();
      try {
        await overwrite(documents, CHECKPOINTS, rows);
      } catch (error) {
        for (const row of rows) if (!unsaved.has(row.id)) unsaved.set(row.id, row);
        throw error;
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
