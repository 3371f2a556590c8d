import { type DocumentStore, type EventStore, overwrite, type Stores } from "@daybook/adapters";
import type { Projection, Row } from "@daybook/projections";
import { turns } from "../commands/turns.ts";
import { type HeldRows, heldRows } from "./held-rows.ts";
import {
  CHECKPOINTS,
  collectionOf,
  PARKED,
  parseCollection,
  REBUILDS,
  SERVING,
  SNAPSHOTS,
} from "./names.ts";
import { dropParked } from "./parking.ts";
import { type CheckpointRow, openProgress, type Progress } from "./progress.ts";

type ServingRow = Row & { collection: string; logId: string };

const bookkeeping = [
  { name: CHECKPOINTS, indexes: [] },
  { name: SERVING, indexes: [] },
  { name: PARKED, indexes: [["projection"]] },
  { name: SNAPSHOTS, indexes: [] },
  { name: REBUILDS, indexes: [] },
];

/** The read models of an installation: which collections there are, and how far each has come. */
export type Views = Omit<Progress, "waitFor"> & {
  readonly projections: readonly Projection[];
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
  /** Makes it the one that serves; what served before is for `tidy`. */
  switchTo: (projection: Projection, collection: string) => Promise<void>;
  /** Gives up what was being built. */
  abandon: (projection: Projection) => void;
  /** Deletes the collections of a projection that neither serve nor are folded. */
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

/** Opens the read models over a log. Foreign documents are discarded, and built again. */
export async function openViews(
  events: EventStore,
  documents: DocumentStore,
  projections: readonly Projection[],
  opening: Pick<Stores, "logCutOff" | "notices"> = { logCutOff: false, notices: [] },
): Promise<Views> {
  for (const collection of bookkeeping) await documents.ensure(collection);
  const reason = await foreign(events, documents, projections, opening.logCutOff);
  if (reason) {
    opening.notices.push(`${reason}: the read models are built again`);
    for (const name of await documents.collections()) await documents.drop(name);
    for (const collection of bookkeeping) await documents.ensure(collection);
  }
  const progress = openProgress(documents);
  const serving = new Map<string, string>();
  const active = new Map<string, string>();
  const building = new Map<string, string>();
  const rows = new Map<string, HeldRows>();
  /** What makes collections and what deletes them must not meet. */
  const takeTurns = turns();

  const named = (of: ReadonlyMap<string, string>, name: string): string => {
    const collection = of.get(name);
    if (collection === undefined) throw new Error(`no projection ${name}`);
    return collection;
  };

  const folded = ({ name }: Pick<Projection, "name">): string[] =>
    [active.get(name), building.get(name)].filter((one) => one !== undefined);

  /** Indexes are made behind the documents: filled as they come, they take several times longer. */
  const ensure = (projection: Projection, name: string, indexed: number) =>
    documents.ensure({ name, indexes: indexesOf(projection), indexed });

  async function serve({ name }: Projection, collection: string) {
    const row: ServingRow = { id: name, organization: "", collection, logId: events.logId };
    await overwrite(documents, SERVING, [row]);
    serving.set(name, collection);
  }

  async function drop(collection: string) {
    await documents.drop(collection);
    await documents.remove(CHECKPOINTS, [collection]);
    await dropParked(collection, documents);
    rows.delete(collection);
  }

  async function open(projection: Projection) {
    const { name, version } = projection;
    const current = (await documents.get<ServingRow>(SERVING, name))?.row?.collection;
    const isOurs = current && parseCollection(projection, current)?.version === version;
    const collection = isOurs ? current : collectionOf(projection);
    await ensure(projection, collection, 0);
    active.set(name, collection);
    if (current) serving.set(name, current);
    else await serve(projection, collection);
  }
  for (const projection of projections) await open(projection);

  return {
    ...progress,
    projections,
    serving: (name) => named(serving, name),
    active: ({ name }) => named(active, name),
    folded,
    rows: (collection) => {
      const held = rows.get(collection) ?? heldRows();
      rows.set(collection, held);
      return held;
    },
    build: (projection) =>
      takeTurns("collections", async () => {
        const before = parseCollection(projection, named(active, projection.name));
        const collection = collectionOf(projection, (before?.rebuilt ?? 0) + 1);
        await drop(collection);
        await ensure(projection, collection, 0);
        building.set(projection.name, collection);
        return collection;
      }),
    complete: async (projection, collection) => {
      // One at a time: each holds up the writer for as long as it is made.
      for (let made = 1; made <= indexesOf(projection).length; made++)
        await ensure(projection, collection, made);
    },
    switchTo: async (projection, collection) => {
      const { name } = projection;
      if (serving.get(name) !== collection) await serve(projection, collection);
      active.set(name, collection);
      building.delete(name);
    },
    abandon: ({ name }) => {
      building.delete(name);
    },
    tidy: () =>
      takeTurns("collections", async () => {
        for (const collection of await documents.collections())
          for (const projection of projections) {
            const used = [serving.get(projection.name), ...folded(projection)];
            if (parseCollection(projection, collection) && !used.includes(collection))
              await drop(collection);
          }
      }),
    waitFor: (name, position, timeoutMs) =>
      progress.waitFor(() => named(serving, name), position, timeoutMs),
  };
}
