import type { DocumentStore, EventStore } from "@daybook/adapters";
import { type Catalogue, type RecordedEvent, unavailable } from "@daybook/domain";
import { foldRow, type Projection, type Row } from "@daybook/projections";
import { collectionOf } from "./names.ts";
import { FoldFailed } from "./parking.ts";

/** Others can overtake a write only by writing something newer: each round there is less to do. */
const ROUNDS = 20;

export type InlineViews = {
  /**
   * Brings the documents of a stream to at least this revision. Guarded by the revision: where an
   * event is missing between, it is read from the stream, and what is newer stays.
   */
  bringUp: (category: string, id: string, revision: number) => Promise<void>;
  /** The same for one projection. Throws FoldFailed, and leaves the document where it was. */
  bringUpIn: (
    projection: Projection,
    category: string,
    id: string,
    revision: number,
  ) => Promise<void>;
};

/** The inline projections of a category fold its streams, one document each. */
export function inlineViews(
  events: EventStore,
  documents: DocumentStore,
  projections: readonly Projection[],
  catalogue: Catalogue,
): InlineViews {
  const byCategory = Map.groupBy(
    projections.filter(({ inline }) => inline),
    (projection) => catalogue.get(Object.keys(projection.events)[0] ?? "")?.category,
  );

  async function read(stream: string, from: number, to: number): Promise<RecordedEvent[]> {
    const limit = to - from + 1;
    return Array.fromAsync(events.readStream(stream, { from, limit }));
  }

  /** Whether the document is there now; not where another write came between. */
  async function attempt(
    projection: Projection,
    stream: string,
    id: string,
    revision: number,
  ): Promise<boolean> {
    const collection = collectionOf(projection);
    const found = await documents.get(collection, id);
    const from = (found?.guard ?? -1) + 1;
    if (from > revision) return true;
    const missing = await read(stream, from, revision);
    let row: Row | null | undefined = found?.row;
    for (const event of missing)
      try {
        row = foldRow(projection, row, event);
      } catch (error) {
        throw new FoldFailed(event, error);
      }
    const write = { id, row: row ?? null, guard: revision, after: found?.guard };
    return (await documents.write(collection, [write])).length === 0;
  }

  const bringUpIn: InlineViews["bringUpIn"] = async (projection, category, id, revision) => {
    let rounds = 0;
    while (!(await attempt(projection, `${category}-${id}`, id, revision)))
      if (++rounds === ROUNDS) throw unavailable("view/contended");
  };

  return {
    bringUpIn,
    bringUp: async (category, id, revision) => {
      if (revision < 0) return;
      for (const projection of byCategory.get(category) ?? [])
        await bringUpIn(projection, category, id, revision);
    },
  };
}
