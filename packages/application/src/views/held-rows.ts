import type { Document } from "@daybook/adapters";
import { LRUCache } from "lru-cache";

/** Documents held of one collection: those of a batch, and whoever is at work. */
const HELD_MAX = 10_000;

/**
 * The documents of a collection as this process read or wrote them last. What another process wrote
 * since shows when a write is refused for its guard.
 */
export type HeldRows = {
  get: (id: string) => Document | undefined;
  hold: (document: Document) => void;
  forget: (id: string) => void;
};

export function heldRows(): HeldRows {
  const held = new LRUCache<string, Document>({ max: HELD_MAX });
  return {
    get: (id) => held.get(id),
    hold: (document) => {
      const { id, guard } = document;
      // Two folds of one document may end in either order.
      if ((held.peek(id)?.guard ?? -1) <= guard) held.set(id, document);
    },
    forget: (id) => {
      held.delete(id);
    },
  };
}
