import { setTimeout as delay } from "node:timers/promises";
import type { DocumentStore, EventStore } from "@daybook/adapters";
import type { Projection } from "@daybook/projections";
import { turns } from "../commands/turns.ts";
import { discardForeign, type ViewsOpening } from "./foreign.ts";
import { type HeldRows, heldRows } from "./held-rows.ts";
import { CHECKPOINTS, collectionOf, isOf, parseCollection } from "./names.ts";
import { dropParked } from "./parking.ts";
import { openProgress, type Progress } from "./progress.ts";
import { FRESH_MS, openServing, type ServingRow } from "./serving.ts";
import { openTidying } from "./tidying.ts";

/** After so long every process that is at work knows what was told. */
const KNOWN_MS = 2 * FRESH_MS;

/** The read models of an installation: which collections there are, and how far each has come. */
export type Views = Omit<Progress, "waitFor"> & {
  readonly projections: readonly Projection[];
  /** Whether other processes use and change the same. */
  readonly shared: boolean;
  /** The collection that queries read: an older version's until the newer has caught up. */
  serving: (name: string) => string;
  /** The collection of this program's version, whether it serves yet or not. */
  active: (projection: Pick<Projection, "name">) => string;
  /** Every collection that this program's version is folded into: the active, and one being built. */
  folded: (projection: Pick<Projection, "name">) => string[];
  /** Its documents as this process knows them. */
  rows: (collection: string) => HeldRows;
  /** Makes an empty collection beside the active one, to be built from the log. */
  build: (projection: Projection) => Promise<string>;
  /** Makes the indexes of a collection that has caught up. */
  complete: (projection: Projection, collection: string) => Promise<void>;
  /** What other processes did meanwhile; to be awaited before a collection's name is asked for. */
  fresh: () => Promise<void> | undefined;
  /** Makes it the one that serves; what served before is for `tidy`. */
  switchTo: (projection: Projection, collection: string) => Promise<void>;
  /** Gives up what was being built. */
  abandon: (projection: Projection) => Promise<void>;
  /**
   * Deletes the collections of a projection that neither serve nor are folded. Where other processes
   * serve the same, it has to be called again and again: then they are kept for a while.
   */
  tidy: () => Promise<void>;
  /** Waits until the read model has passed a position. Refuses `view/behind` after `timeoutMs`. */
  waitFor: (name: string, position: number, timeoutMs: number) => Promise<void>;
};

/** Every order has the organization before it, so that no query sees another's documents. */
const indexesOf = ({ indexes, indexesAcross }: Projection) => [
  ...indexes.map((index) => ["organization", ...index]),
  ...indexesAcross,
];

/** Opens the read models over a log. Foreign documents are discarded, and built again. */
export async function openViews(
  events: EventStore,
  documents: DocumentStore,
  projections: readonly Projection[],
  opening: ViewsOpening = { logCutOff: false, shared: false, notices: [] },
): Promise<Views> {
  const { shared } = opening;
  await discardForeign(events, documents, projections, opening);
  const progress = openProgress(documents);
  const rows = new Map<string, HeldRows>();
  /** What makes collections and what deletes them must not meet. */
  const takeTurns = turns();

  /** Indexes are made behind the documents: filled as they come, they take several times longer. */
  const ensure = (projection: Projection, name: string, indexed: number) =>
    documents.ensure({ name, indexes: indexesOf(projection), indexed });

  const serving = openServing(documents, projections, shared, {
    begins: (projection, collection) => ensure(projection, collection, 0),
    ends: (collection) => rows.delete(collection),
  });

  const rowOf = (name: string): ServingRow => {
    const row = serving.get(name);
    if (!row) throw new Error(`no projection ${name}`);
    return row;
  };

  const known = new Map(projections.map((projection) => [projection.name, projection]));
  const placed = new WeakMap<ServingRow, { active: string; folded: string[] }>();

  /** What a row says to this program: asked with every request, and worked out once. */
  function placeOf({ name }: Pick<Projection, "name">) {
    const row = rowOf(name);
    const before = placed.get(row);
    if (before) return before;
    const projection = known.get(name) as Projection;
    const ours = (all: readonly (string | undefined)[]) =>
      all.filter((one) => isOf(projection, one));
    const [active = collectionOf(projection)] = ours([row.collection, row.retired]);
    const folded = [...new Set([active, ...ours([row.building, row.retired])])];
    const place = { active, folded };
    placed.set(row, place);
    return place;
  }
  const active = (of: Pick<Projection, "name">) => placeOf(of).active;

  async function drop(collection: string) {
    await documents.drop(collection);
    await documents.remove(CHECKPOINTS, [collection]);
    await dropParked(collection, documents);
    rows.delete(collection);
  }

  async function open(projection: Projection) {
    const { name } = projection;
    const isKnown = serving.get(name) !== undefined;
    const collection = isKnown ? active(projection) : collectionOf(projection);
    await ensure(projection, collection, 0);
    if (!isKnown) await serving.put(name, { collection, logId: events.logId });
  }
  await serving.refresh();
  for (const projection of projections) await open(projection);

  const tidyOne = openTidying({ put: serving.put, rowOf, shared, active, drop });

  return {
    ...progress,
    projections,
    shared,
    serving: (name) => rowOf(name).collection,
    active,
    folded: (of) => placeOf(of).folded,
    fresh: serving.fresh,
    rows: (collection) => {
      const held = rows.get(collection) ?? heldRows();
      rows.set(collection, held);
      return held;
    },
    build: (projection) =>
      takeTurns("collections", async () => {
        const { name } = projection;
        const before = parseCollection(projection, active(projection));
        const collection = collectionOf(projection, (before?.rebuilt ?? 0) + 1);
        await drop(collection);
        await ensure(projection, collection, 0);
        await serving.put(name, { ...rowOf(name), building: collection });
        // From here on every command folds into it, wherever it runs.
        if (shared && projection.inline) await delay(KNOWN_MS);
        return collection;
      }),
    complete: async (projection, collection) => {
      // One at a time: each holds up the writer for as long as it is made.
      for (let made = 1; made <= indexesOf(projection).length; made++)
        await ensure(projection, collection, made);
    },
    switchTo: async (projection, collection) => {
      const { name, version } = projection;
      const { collection: before, logId } = rowOf(name);
      // A newer version is being rolled out: what this one folds is for what is still of this one.
      const isOlder = (parseCollection(projection, before)?.version ?? 0) > version;
      if (before === collection || (shared && isOlder)) return;
      await serving.put(name, { collection, logId, ...(shared && { retired: before }) });
    },
    abandon: async ({ name }) => {
      const { building: _, ...others } = rowOf(name);
      await serving.put(name, others);
    },
    tidy: () =>
      takeTurns("collections", async () => {
        if (shared) await serving.refresh();
        const collections = await documents.collections();
        for (const projection of projections) await tidyOne(projection, collections);
      }),
    waitFor: async (name, position, timeoutMs) => {
      await serving.fresh();
      await progress.waitFor(() => rowOf(name).collection, position, timeoutMs);
    },
  };
}
