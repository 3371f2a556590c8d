import { type Document, recentlyUsed } from "@daybook/adapters";

/** Documents held of one collection, at least: those of a batch, or whoever is at work. */
const HELD = 10_000;

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
  const held = recentlyUsed<Document>(HELD);
  return {
    get: held.get,
    hold: (document) => {
      const { id, guard } = document;
      // Two folds of one document may end in either order.
      if ((held.get(id)?.guard ?? -1) <= guard) held.set(id, document);
    },
    forget: held.delete,
  };
}
