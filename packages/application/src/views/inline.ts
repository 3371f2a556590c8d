import type { DocumentStore, EventStore } from "@daybook/adapters";
import type { Catalogue, RecordedEvent } from "@daybook/domain";
import type { Projection } from "@daybook/projections";
import { createFolder, type Folder } from "./folder.ts";
import type { Views } from "./views.ts";

export type InlineViews = {
  /**
   * Brings the documents of a stream to at least this revision. Guarded by the revision: where an
   * event is missing between, it is read from the stream, and what is newer stays. `recorded` are
   * the events that end at the revision, where they are at hand. Throws FoldFailed.
   */
  bringUp: (
    category: string,
    id: string,
    revision: number,
    recorded?: readonly RecordedEvent[],
  ) => Promise<void>;
};

/** The category whose streams an inline projection folds, one document each. */
export const inlineCategory = (
  { inline, events }: Projection,
  catalogue: Catalogue,
): string | undefined => inline && catalogue.get(Object.keys(events)[0] ?? "")?.category;

/** Folds the inline projections on behalf of commands, also into a collection that is being built. */
export function inlineViews(
  events: EventStore,
  documents: DocumentStore,
  views: Views,
  catalogue: Catalogue,
): InlineViews {
  const byCategory = Map.groupBy(
    views.projections.filter(({ inline }) => inline),
    (projection) => inlineCategory(projection, catalogue),
  );
  const folders = new Map<string, Folder>();

  function folderOf(projection: Projection, collection: string): Folder {
    const known = folders.get(collection);
    if (known) return known;
    const category = inlineCategory(projection, catalogue);
    const rows = views.rows(collection);
    const folder = createFolder({ projection, category, collection, events, documents, rows });
    folders.set(collection, folder);
    return folder;
  }

  return {
    bringUp: async (category, id, revision, recorded) => {
      if (revision < 0) return;
      await views.fresh();
      for (const projection of byCategory.get(category) ?? [])
        for (const collection of views.folded(projection))
          await folderOf(projection, collection).bringUp(id, revision, recorded);
    },
  };
}
