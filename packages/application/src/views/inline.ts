import type { DocumentStore, EventStore } from "@daybook/adapters";
import { type Catalogue, type RecordedEvent, unavailable } from "@daybook/domain";
import { foldRow, type Projection, type Row } from "@daybook/projections";
import { collectionOf } from "./names.ts";

/** Others can overtake a write only by writing something newer: each round there is less to do. */
const ROUNDS = 20;

export type InlineViews = {
  /**
   * Brings the documents of a stream to at least this revision. Guarded by the revision: where an
   * event is missing between, it is read from the stream, and what is newer stays.
   */
  bringUp: (category: string, id: string, revision: number) => Promise<void>;
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

  async function bringUpOne(
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
    const row = missing.reduce<Row | null | undefined>(
      (folded, event) => foldRow(projection, folded, event),
      found?.row,
    );
    const write = { id, row: row ?? null, guard: revision, after: found?.guard };
    return (await documents.write(collection, [write])).length === 0;
  }

  return {
    bringUp: async (category, id, revision) => {
      if (revision < 0) return;
      for (const projection of byCategory.get(category) ?? []) {
        let rounds = 0;
        while (!(await bringUpOne(projection, `${category}-${id}`, id, revision)))
          if (++rounds === ROUNDS) throw unavailable("view/contended");
      }
    },
  };
}
