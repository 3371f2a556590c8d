import type { Document, DocumentStore, GuardedWrite } from "@daybook/adapters";
import type { RecordedEvent } from "@daybook/domain";
import { foldRow, keyOf, type Projection, type Row } from "@daybook/projections";
import { collectionOf, PARKED } from "./names.ts";
import type { ParkedRow } from "./views.ts";

/** Folds batches of events into the documents of one projection, each event exactly once. */
export type Folder = {
  /** Returns the ids of the documents that changed. */
  fold: (events: readonly RecordedEvent[]) => Promise<string[]>;
  parked: () => readonly ParkedRow[];
  /** Takes up parked documents where they stopped, now that the program may have changed. */
  retry: (readLog: (from: number) => AsyncIterable<RecordedEvent>, upTo: number) => Promise<void>;
};

export async function openFolder(
  projection: Projection,
  documents: DocumentStore,
  now: () => Date,
): Promise<Folder> {
  const collection = collectionOf(projection);
  const parkedId = (document: string) => `${collection} ${document}`;
  const parked = new Map<string, ParkedRow>();
  for (let cursor: string | undefined; ; ) {
    const page = await documents.find<ParkedRow>(PARKED, {
      where: { projection: collection },
      sort: ["projection"],
      direction: "ascending",
      limit: 500,
      ...(cursor && { cursor }),
    });
    for (const row of page.rows) parked.set(row.document, row);
    cursor = page.cursor;
    if (!cursor) break;
  }

  async function park(document: string, event: RecordedEvent, error: unknown) {
    const id = parkedId(document);
    const row: ParkedRow = {
      id,
      organization: "",
      projection: collection,
      document,
      position: event.position,
      type: event.type,
      error: String((error as Error).message),
      at: now().toISOString(),
    };
    parked.set(document, row);
    const guard = (await documents.get(PARKED, id))?.guard;
    await documents.write(PARKED, [{ id, row, guard: (guard ?? 0) + 1, after: guard }]);
  }

  /** One document as far as its events go; parks it at the first that throws. */
  async function foldDocument(
    id: string,
    found: Document | undefined,
    events: readonly RecordedEvent[],
  ): Promise<GuardedWrite | undefined> {
    let row: Row | null | undefined = found?.row;
    let guard = found?.guard;
    for (const event of events) {
      if (guard !== undefined && event.position <= guard) continue;
      try {
        row = foldRow(projection, row, event);
      } catch (error) {
        await park(id, event, error);
        break;
      }
      guard = event.position;
    }
    return guard === undefined || guard === found?.guard
      ? undefined
      : { id, row: row ?? null, guard, after: found?.guard };
  }

  async function foldGroups(groups: ReadonlyMap<string, RecordedEvent[]>): Promise<string[]> {
    const changed: string[] = [];
    let open = [...groups.keys()].filter((id) => !parked.has(id));
    // What another runner of the same projection wrote first is read and folded again.
    while (open.length > 0) {
      const found = new Map(
        (await documents.getMany(collection, open)).map((one) => [one.id, one]),
      );
      const folded = await Promise.all(
        open.map((id) => foldDocument(id, found.get(id), groups.get(id) ?? [])),
      );
      const writes = folded.filter((write) => write !== undefined);
      const lost = writes.length > 0 ? await documents.write(collection, writes) : [];
      changed.push(...writes.map(({ id }) => id).filter((id) => !lost.includes(id)));
      open = lost;
    }
    return changed;
  }

  function grouped(events: Iterable<RecordedEvent>): Map<string, RecordedEvent[]> {
    const groups = new Map<string, RecordedEvent[]>();
    for (const event of events) {
      const key = keyOf(projection, event);
      if (key === undefined) continue;
      const group = groups.get(key);
      if (group) group.push(event);
      else groups.set(key, [event]);
    }
    return groups;
  }

  return {
    fold: (events) => foldGroups(grouped(events)),
    parked: () => [...parked.values()],
    retry: async (readLog, upTo) => {
      if (parked.size === 0) return;
      const waiting = new Set(parked.keys());
      const first = Math.min(...[...parked.values()].map(({ position }) => position));
      parked.clear();
      const events: RecordedEvent[] = [];
      for await (const event of readLog(first)) {
        if (event.position > upTo) break;
        if (waiting.has(keyOf(projection, event) ?? "")) events.push(event);
      }
      await foldGroups(grouped(events));
      const mended = [...waiting].filter((document) => !parked.has(document));
      await documents.remove(PARKED, mended.map(parkedId));
    },
  };
}
