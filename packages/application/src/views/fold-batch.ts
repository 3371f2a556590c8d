import type { Document, DocumentStore, GuardedWrite } from "@daybook/adapters";
import type { RecordedEvent } from "@daybook/domain";
import { foldRow, keyOf, type Projection, type Row } from "@daybook/projections";
import { collectionOf } from "./names.ts";
import { FoldFailed, type Parking } from "./parking.ts";

/** Folds batches of events into the documents of one projection, each event exactly once. */
export type Folder = {
  /** Returns the ids of the documents that changed. */
  fold: (events: readonly RecordedEvent[]) => Promise<string[]>;
  /** Takes up parked documents where they stopped, now that the program may have changed. */
  retry: (readLog: (from: number) => AsyncIterable<RecordedEvent>, upTo: number) => Promise<void>;
};

export function createFolder(
  projection: Projection,
  documents: DocumentStore,
  parking: Parking,
): Folder {
  const collection = collectionOf(projection);

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
        await parking.park(id, new FoldFailed(event, error));
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
    let open = [...groups.keys()].filter((id) => !parking.has(id));
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
    retry: (readLog, upTo) =>
      parking.retry(async (parked) => {
        const waiting = new Set(parked.map(({ document }) => document));
        const events: RecordedEvent[] = [];
        for await (const event of readLog(Math.min(...parked.map(({ position }) => position)))) {
          if (event.position > upTo) break;
          if (waiting.has(keyOf(projection, event) ?? "")) events.push(event);
        }
        await foldGroups(grouped(events));
      }),
  };
}
