import { setTimeout as delay } from "node:timers/promises";
import { ConfigError, type DocumentStore, type EventStore, type Stores } from "@daybook/adapters";
import type { Projection } from "@daybook/projections";
import { turns } from "../commands/turns.ts";
import { type HeldRows, heldRows } from "./held-rows.ts";
import {
  CHECKPOINTS,
  collectionOf,
  isOf,
  LEASES,
  PARKED,
  parseCollection,
  REBUILDS,
  RETENTION,
  SERVING,
  SNAPSHOTS,
} from "./names.ts";
import { dropParked } from "./parking.ts";
import { type CheckpointRow, openProgress, type Progress } from "./progress.ts";
import { FRESH_MS, openServing, type ServingRow } from "./serving.ts";

const bookkeeping = [
  { name: CHECKPOINTS, indexes: [] },
  { name: SERVING, indexes: [] },
  { name: PARKED, indexes: [["projection"]] },
  { name: SNAPSHOTS, indexes: [] },
  { name: REBUILDS, indexes: [] },
  { name: LEASES, indexes: [] },
  { name: RETENTION, indexes: [] },
];

/** After so long every process that is at work knows what was told. */
const KNOWN_MS = 2 * FRESH_MS;
/** For so long what is not used any more is kept where other processes may be in the middle of it. */
const KEPT_MS = 30_000;
/** The same where it may serve a program that has yet to be replaced by its next version. */
const OLDER_KEPT_MS = 3_600_000;

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

/**
 * Why the documents are of another log, or of a future that this one does not have, in words for an
 * operator.
 */
async function foreign(
  events: EventStore,
  documents: DocumentStore,
  projections: readonly Projection[],
  logCutOff: boolean,
): Promise<string | undefined> {
  const names = await documents.collections();
  const checkpoints = await documents.getMany<CheckpointRow>(CHECKPOINTS, names);
  // Read last: beside a running server the log goes on, and the checkpoints after it.
  const head = await events.head();
  const furthest = Math.max(...checkpoints.map(({ row }) => row?.position ?? 0));
  if (furthest > head)
    return `the log ends at position ${head}, and read models had come to ${furthest}: an older copy was restored, or the log was cut off`;
  if (logCutOff) return "the log was cut off";
  const served = projections.map(({ name }) => name);
  const serving = await documents.getMany<ServingRow>(SERVING, served);
  return serving.some(({ row }) => row && row.logId !== events.logId)
    ? "the read models are of another log"
    : undefined;
}

export type ViewsOpening = Pick<Stores, "logCutOff" | "shared" | "notices">;

/** Opens the read models over a log. Foreign documents are discarded, and built again. */
export async function openViews(
  events: EventStore,
  documents: DocumentStore,
  projections: readonly Projection[],
  opening: ViewsOpening = { logCutOff: false, shared: false, notices: [] },
): Promise<Views> {
  const { shared } = opening;
  for (const collection of bookkeeping) await documents.ensure(collection);
  const reason = await foreign(events, documents, projections, opening.logCutOff);
  // Other processes may be at work with them.
  if (reason && shared)
    throw new ConfigError(
      `${reason}: stop all processes, drop the database of the read models, whose name ends in -views, and start again`,
    );
  if (reason) {
    opening.notices.push(`${reason}: the read models are built again`);
    for (const name of await documents.collections()) await documents.drop(name);
    for (const collection of bookkeeping) await documents.ensure(collection);
  }
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

  /** Since when collections are not used any more, as far as this process has seen. */
  const unused = new Map<string, number>();

  /** Whether nobody can be in the middle of it. */
  function isLeft({ version }: Projection, collection: string, of: number): boolean {
    if (!shared) return true;
    const since = unused.get(collection) ?? performance.now();
    unused.set(collection, since);
    const keptMs = of === version ? KEPT_MS : OLDER_KEPT_MS;
    // A newer version is built by a program that is to take this one's place.
    return of <= version && performance.now() - since >= keptMs;
  }

  async function tidyOne(projection: Projection, collections: readonly string[]) {
    const row = rowOf(projection.name);
    const used = [row.collection, row.building, active(projection)];
    for (const collection of collections) {
      const of = parseCollection(projection, collection)?.version;
      if (of === undefined || used.includes(collection)) unused.delete(collection);
      else if (isLeft(projection, collection, of)) {
        const { retired, ...others } = rowOf(projection.name);
        if (retired === collection) await serving.put(projection.name, others);
        await drop(collection);
      }
    }
  }

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
