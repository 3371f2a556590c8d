import type { DocumentStore, EventStore, GuardedWrite } from "@daybook/adapters";
import { parseStream, type RecordedEvent } from "@daybook/domain";
import { foldRow, keyOf, type Projection, type Row } from "@daybook/projections";
import type { HeldRows } from "./held-rows.ts";
import { FoldFailed, type Parking } from "./parking.ts";

export type FolderParts = {
  projection: Projection;
  /** The category of an inline projection's streams. */
  category: string | undefined;
  collection: string;
  events: EventStore;
  documents: DocumentStore;
  rows: HeldRows;
  /** Where documents wait that a fold threw on; without it the fold's FoldFailed is thrown. */
  parking?: Parking;
};

/** Folds events into the documents of one collection, each event exactly once. */
export type Folder = {
  /** The document that an event changes, or nothing. */
  keyOf: (event: RecordedEvent) => string | undefined;
  /** Folds events in the order of the log, those that are in a document already passed over. */
  fold: (events: readonly RecordedEvent[]) => Promise<void>;
  /**
   * Brings the document of one stream to at least this revision: by the events at hand, where they
   * go on from where it is, else from the stream.
   */
  bringUp: (id: string, revision: number, recorded?: readonly RecordedEvent[]) => Promise<void>;
};

type Folded = { write?: GuardedWrite; failure?: FoldFailed; missing?: true };

export function createFolder(parts: FolderParts): Folder {
  const { projection, category, collection, events, documents, rows, parking } = parts;
  const { inline } = projection;

  /** How far a document is that an event was folded into. */
  const markOf = ({ revision, position }: RecordedEvent) => (inline ? revision : position);

  /** An inline projection's document is handed every event of its stream. */
  function keyFor(event: RecordedEvent): string | undefined {
    if (!inline) return keyOf(projection, event);
    const { category: of, id } = parseStream(event.stream);
    return of === category ? id : undefined;
  }

  /** One document as far as its events go, or up to the one that its fold throws on. */
  function foldDocument(id: string, recorded: readonly RecordedEvent[], whole = false): Folded {
    const found = rows.get(id);
    let row: Row | null | undefined = found?.row;
    let guard = found?.guard;
    let failure: FoldFailed | undefined;
    for (const event of recorded) {
      const mark = markOf(event);
      if (guard !== undefined && mark <= guard) continue;
      if (inline && !whole && mark > (guard ?? -1) + 1) return { missing: true };
      try {
        row = foldRow(projection, row, event);
      } catch (error) {
        failure = new FoldFailed(event, error);
        break;
      }
      guard = mark;
    }
    const changed = guard !== undefined && guard !== found?.guard;
    return {
      ...(changed && {
        write: { id, row: row ?? null, guard, after: found?.guard } as GuardedWrite,
      }),
      ...(failure && { failure }),
    };
  }

  async function readUnheld(ids: readonly string[]) {
    const unheld = ids.filter((id) => rows.get(id) === undefined);
    if (unheld.length === 0) return;
    for (const found of await documents.getMany(collection, unheld)) rows.hold(found);
  }

  async function readStream(id: string, to: number): Promise<RecordedEvent[]> {
    const from = (rows.get(id)?.guard ?? -1) + 1;
    if (from > to) return [];
    const stream = `${category}-${id}`;
    return Array.fromAsync(events.readStream(stream, { from, limit: to - from + 1 }));
  }

  async function foldOne(id: string, recorded: readonly RecordedEvent[]) {
    let folded = foldDocument(id, recorded);
    const last = recorded.at(-1);
    if (folded.missing && last)
      folded = foldDocument(id, await readStream(id, last.revision), true);
    const { failure } = folded;
    if (failure && !parking) throw failure;
    if (failure) await parking?.park(id, failure);
    return folded.write;
  }

  async function foldGroups(groups: ReadonlyMap<string, readonly RecordedEvent[]>) {
    let open = [...groups.keys()].filter((id) => !parking?.has(id));
    // What another runner of the same projection wrote first is read and folded again.
    while (open.length > 0) {
      await readUnheld(open);
      const writes: GuardedWrite[] = [];
      for (const id of open) {
        const write = await foldOne(id, groups.get(id) ?? []);
        if (write) writes.push(write);
      }
      open = writes.length > 0 ? await documents.write(collection, writes) : [];
      const lost = new Set(open);
      for (const { id, row, guard } of writes)
        if (lost.has(id)) rows.forget(id);
        else rows.hold({ id, row, guard });
    }
  }

  return {
    keyOf: keyFor,
    fold: (batch) => {
      const groups = new Map<string, RecordedEvent[]>();
      for (const event of batch) {
        const key = keyFor(event);
        if (key === undefined) continue;
        const group = groups.get(key);
        if (group) group.push(event);
        else groups.set(key, [event]);
      }
      return foldGroups(groups);
    },
    bringUp: async (id, revision, recorded) => {
      const isThere = () => (rows.get(id)?.guard ?? -1) >= revision;
      if (isThere()) return;
      if (recorded) return foldGroups(new Map([[id, recorded]]));
      await readUnheld([id]);
      if (!isThere()) await foldGroups(new Map([[id, await readStream(id, revision)]]));
    },
  };
}
