import type { DocumentStore, EventStore } from "@daybook/adapters";
import { type Catalogue, parseStream, type RecordedEvent } from "@daybook/domain";
import type { Projection } from "@daybook/projections";
import { createFolder } from "./folder.ts";
import { inlineCategory } from "./inline.ts";
import { openParking, type ParkedRow } from "./parking.ts";
import type { Views } from "./views.ts";

export type RunnerParts = {
  events: EventStore;
  documents: DocumentStore;
  views: Views;
  /** Those that are run here; all by default. */
  projections?: readonly Projection[];
  catalogue: Catalogue;
  now: () => Date;
  onError: (error: unknown) => void;
};

type Stopped = { position: number; type: string };

/** One collection of a projection as the runner moves it along the log. */
export type Member = {
  readonly projection: Projection;
  readonly collection: string;
  /** Everything up to here is in its documents, or parked. */
  position: () => number;
  /** Set where it met an event of a type that this program does not know. */
  stopped: () => Stopped | undefined;
  parked: () => readonly ParkedRow[];
  /** Folds what it has not seen of a batch that reaches up to a position, and tells how far it is. */
  apply: (batch: readonly RecordedEvent[], position: number) => Promise<void>;
};

/** Takes a collection up at its checkpoint, and its parked documents where they stopped. */
export async function openMember(
  parts: RunnerParts,
  projection: Projection,
  collection: string,
): Promise<Member> {
  const { events, documents, views, catalogue, now, onError } = parts;
  const parking = await openParking(collection, documents, now);
  const category = inlineCategory(projection, catalogue);
  const rows = views.rows(collection);
  const folder = createFolder({
    ...{ projection, category, collection, events, documents, rows, parking },
  });
  const known = new Set([...catalogue.values()].map((one) => one.category));
  const types = Object.keys(projection.events);
  const categories = new Set(types.map((type) => catalogue.get(type)?.category ?? type));
  let position = (await views.checkpoint(collection))?.position ?? 0;
  let stopped: Stopped | undefined;

  /** Takes up parked documents where they stopped, now that the program may have changed. */
  const retry = () =>
    parking.retry(async (parked) => {
      const waiting = new Set(parked.map(({ document }) => document));
      const from = Math.min(...parked.map((one) => one.position));
      const missed: RecordedEvent[] = [];
      for await (const event of events.readAll({ from })) {
        if (event.position > position) break;
        if (waiting.has(folder.keyOf(event) ?? "")) missed.push(event);
      }
      await folder.fold(missed);
    });

  /** The first event of an unknown type that could concern the projection. */
  const unknownIn = (batch: readonly RecordedEvent[]) =>
    batch.find(({ type, stream }) => {
      if (catalogue.has(type)) return false;
      const { category: of } = parseStream(stream);
      return categories.has(of) || !known.has(of);
    });

  await retry();

  return {
    projection,
    collection,
    position: () => position,
    stopped: () => stopped,
    parked: parking.list,
    apply: async (batch, upTo) => {
      if (stopped || upTo <= position) return;
      const unseen = batch.filter((event) => event.position > position);
      const unknown = unknownIn(unseen);
      await folder.fold(unknown ? unseen.slice(0, unseen.indexOf(unknown)) : unseen);
      position = unknown ? unknown.position - 1 : upTo;
      stopped = unknown && { position: unknown.position, type: unknown.type };
      views.advance(collection, { position, stopped });
      if (unknown) onError(new Error(`${projection.name} stops at ${unknown.type}`));
    },
  };
}
