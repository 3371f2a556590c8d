import type { DocumentStore, EventStore } from "@daybook/adapters";
import { type Catalogue, parseStream, type RecordedEvent } from "@daybook/domain";
import { keyOf, type Projection } from "@daybook/projections";
import { createFolder } from "./fold-batch.ts";
import type { InlineViews } from "./inline.ts";
import { collectionOf } from "./names.ts";
import { FoldFailed, openParking, type ParkedRow } from "./parking.ts";
import type { Views } from "./views.ts";

export type RunnerParts = {
  events: EventStore;
  documents: DocumentStore;
  views: Views;
  inline: InlineViews;
  catalogue: Catalogue;
  now: () => Date;
  onError: (error: unknown) => void;
};

type Stopped = { position: number; type: string };

/** One projection as the runner moves it along the log. */
export type Member = {
  readonly projection: Projection;
  /** Everything up to here is in its documents, or parked. */
  position: () => number;
  /** Set where it met an event of a type that this program does not know. */
  stopped: () => Stopped | undefined;
  parked: () => readonly ParkedRow[];
  /** Folds what it has not seen of a batch that reaches up to a position, and records how far it is. */
  apply: (batch: readonly RecordedEvent[], position: number) => Promise<void>;
};

/** Takes a projection up at its checkpoint, and its parked documents where they stopped. */
export async function openMember(parts: RunnerParts, projection: Projection): Promise<Member> {
  const { events, documents, views, inline, catalogue, now, onError } = parts;
  const parking = await openParking(collectionOf(projection), documents, now);
  const folder = createFolder(projection, documents, parking);
  const known = new Set([...catalogue.values()].map(({ category }) => category));
  const types = Object.keys(projection.events);
  const categories = new Set(types.map((type) => catalogue.get(type)?.category ?? type));
  let position = (await views.checkpoint(projection))?.position ?? 0;
  let stopped: Stopped | undefined;

  async function bringUp(stream: string, revision: number) {
    const { category, id } = parseStream(stream);
    if (parking.has(id)) return;
    try {
      await inline.bringUpIn(projection, category, id, revision);
    } catch (error) {
      if (!(error instanceof FoldFailed)) throw error;
      await parking.park(id, error);
    }
  }

  async function foldInline(batch: readonly RecordedEvent[]) {
    const last = new Map<string, number>();
    for (const event of batch)
      if (keyOf(projection, event) !== undefined) last.set(event.stream, event.revision);
    for (const [stream, revision] of last) await bringUp(stream, revision);
  }

  /** An inline document is folded from its own stream, to its end. */
  const retryInline = () =>
    parking.retry(async (parked) => {
      const [category = ""] = categories;
      for (const { document } of parked) {
        const stream = `${category}-${document}`;
        const newest = events.readStream(stream, { direction: "backwards", limit: 1 });
        for await (const { revision } of newest) await bringUp(stream, revision);
      }
    });

  /** The first event of an unknown type that could concern the projection. */
  const unknownIn = (batch: readonly RecordedEvent[]) =>
    batch.find(({ type, stream }) => {
      if (catalogue.has(type)) return false;
      const { category } = parseStream(stream);
      return categories.has(category) || !known.has(category);
    });

  if (projection.inline) await retryInline();
  else await folder.retry((from) => events.readAll({ from }), position);

  return {
    projection,
    position: () => position,
    stopped: () => stopped,
    parked: parking.list,
    apply: async (batch, upTo) => {
      if (stopped || upTo <= position) return;
      const unseen = batch.filter((event) => event.position > position);
      const unknown = unknownIn(unseen);
      const folded = unknown ? unseen.slice(0, unseen.indexOf(unknown)) : unseen;
      if (projection.inline) await foldInline(folded);
      else await folder.fold(folded);
      position = unknown ? unknown.position - 1 : upTo;
      stopped = unknown && { position: unknown.position, type: unknown.type };
      await views.advance(projection, { position, stopped });
      if (unknown) onError(new Error(`${projection.name} stops at ${unknown.type}`));
    },
  };
}
