import { type DocumentStore, overwrite } from "@daybook/adapters";
import type { RecordedEvent } from "@daybook/domain";
import type { Row } from "@daybook/projections";
import { PARKED } from "./names.ts";

/** A document that a fold threw on; later events of it wait. */
export type ParkedRow = Row & {
  projection: string;
  document: string;
  position: number;
  type: string;
  error: string;
  at: string;
};

/** A fold threw: a bug in a projection, or an event it was not written for. */
export class FoldFailed extends Error {
  override readonly name = "FoldFailed";
  readonly event: RecordedEvent;
  constructor(event: RecordedEvent, cause: unknown) {
    super(String((cause as Error).message), { cause });
    this.event = event;
  }
}

/** The parked documents of one collection, kept beside it until a program folds them. */
export type Parking = {
  has: (document: string) => boolean;
  list: () => readonly ParkedRow[];
  park: (document: string, failure: FoldFailed) => Promise<void>;
  /** Folds each again, from where it stopped; what throws again stays parked. */
  retry: (refold: (parked: readonly ParkedRow[]) => Promise<void>) => Promise<void>;
};

export async function* parkedRows(
  collection: string,
  documents: DocumentStore,
): AsyncGenerator<ParkedRow> {
  for (let cursor: string | undefined; ; ) {
    const page = await documents.find<ParkedRow>(PARKED, {
      where: { projection: collection },
      sort: ["projection"],
      direction: "ascending",
      limit: 500,
      ...(cursor && { cursor }),
    });
    yield* page.rows;
    cursor = page.cursor;
    if (!cursor) return;
  }
}

/** Forgets what was parked of a collection that is deleted. */
export async function dropParked(collection: string, documents: DocumentStore): Promise<void> {
  const ids: string[] = [];
  for await (const { id } of parkedRows(collection, documents)) ids.push(id);
  await documents.remove(PARKED, ids);
}

export async function openParking(
  collection: string,
  documents: DocumentStore,
  now: () => Date,
): Promise<Parking> {
  const parked = new Map<string, ParkedRow>();
  const idOf = (document: string) => `${collection} ${document}`;
  for await (const row of parkedRows(collection, documents)) parked.set(row.document, row);

  return {
    has: (document) => parked.has(document),
    list: () => [...parked.values()],
    park: async (document, { event, message }) => {
      const id = idOf(document);
      const row: ParkedRow = {
        id,
        organization: "",
        projection: collection,
        document,
        position: event.position,
        type: event.type,
        error: message,
        at: now().toISOString(),
      };
      parked.set(document, row);
      await overwrite(documents, PARKED, [row]);
    },
    retry: async (refold) => {
      const waiting = [...parked.values()];
      if (waiting.length === 0) return;
      parked.clear();
      await refold(waiting);
      const mended = waiting.filter(({ document }) => !parked.has(document));
      await documents.remove(
        PARKED,
        mended.map(({ id }) => id),
      );
    },
  };
}
