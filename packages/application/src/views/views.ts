import { type DocumentStore, type EventStore, overwrite } from "@daybook/adapters";
import { unavailable } from "@daybook/domain";
import type { Projection, Row } from "@daybook/projections";
import { CHECKPOINTS, collectionOf, PARKED, SERVING } from "./names.ts";

/** How far a version of a projection has come. */
export type CheckpointRow = Row & {
  position: number;
  /** Set where it met an event that this program does not know: it waits for one that does. */
  stopped?: { position: number; type: string } | undefined;
};

type ServingRow = Row & { version: number; logId: string };

/** How often a process that does not run the projections looks how far they are. */
const POLL_MS = 10;

/** The read models of an installation: which collection serves, and how far each has come. */
export type Views = {
  readonly projections: readonly Projection[];
  /** The collection that queries read: the older version's until the newer has caught up. */
  serving: (name: string) => string;
  /** Makes this version the one that serves, and deletes the older ones. */
  switchTo: (projection: Projection) => Promise<void>;
  checkpoint: (projection: Projection) => Promise<CheckpointRow | undefined>;
  /** Records how far a projection has come, and wakes who waits for it. */
  advance: (
    projection: Projection,
    checkpoint: Omit<CheckpointRow, "id" | "organization">,
  ) => Promise<void>;
  /** Waits until the read model has passed a position. Refuses `view/behind` after `timeoutMs`. */
  waitFor: (name: string, position: number, timeoutMs: number) => Promise<void>;
};

/**
 * Opens the read models over a log. Documents of another log, or of a future that a restored log
 * does not have, are discarded: they will be built again.
 */
export async function openViews(
  events: EventStore,
  documents: DocumentStore,
  projections: readonly Projection[],
): Promise<Views> {
  const bookkeeping = [
    { name: CHECKPOINTS, indexes: [] },
    { name: SERVING, indexes: [] },
    { name: PARKED, indexes: [["projection"]] },
  ];
  for (const collection of bookkeeping) await documents.ensure(collection);
  if (await isForeign()) {
    for (const name of await documents.collections()) await documents.drop(name);
    for (const collection of bookkeeping) await documents.ensure(collection);
  }

  async function isForeign(): Promise<boolean> {
    const names = await documents.collections();
    const checkpoints = await documents.getMany<CheckpointRow>(CHECKPOINTS, names);
    // Read last: beside a running server the log goes on, and the checkpoints after it.
    const head = await events.head();
    if (checkpoints.some(({ row }) => row && row.position > head)) return true;
    for (const { name } of projections) {
      const serving = (await documents.get<ServingRow>(SERVING, name))?.row;
      if (serving && serving.logId !== events.logId) return true;
    }
    return false;
  }

  const serving = new Map<string, number>();
  for (const projection of projections) {
    const { name, version, indexes, indexesAcross } = projection;
    await documents.ensure({
      name: collectionOf(projection),
      indexes: [...indexes.map((index) => ["organization", ...index]), ...indexesAcross],
    });
    const current = (await documents.get<ServingRow>(SERVING, name))?.row?.version;
    serving.set(name, current ?? version);
    if (current === undefined) await serve(projection);
  }

  async function serve({ name, version }: Projection) {
    const row: ServingRow = { id: name, organization: "", version, logId: events.logId };
    await overwrite(documents, SERVING, row);
  }

  /** Where the projections are folded by this process: how far, and who waits for more. */
  const reached = new Map<string, number>();
  const waiting = new Set<() => void>();

  const checkpoint = async (projection: Projection) =>
    (await documents.get<CheckpointRow>(CHECKPOINTS, collectionOf(projection)))?.row ?? undefined;

  async function positionOf(name: string): Promise<number> {
    const here = reached.get(name);
    if (here !== undefined) return here;
    const version = serving.get(name);
    return version === undefined
      ? 0
      : ((await checkpoint({ name, version } as Projection))?.position ?? 0);
  }

  return {
    projections,
    serving: (name) => {
      const version = serving.get(name);
      if (version === undefined) throw new Error(`no projection ${name}`);
      return collectionOf({ name, version });
    },
    switchTo: async (projection) => {
      const { name, version } = projection;
      if (serving.get(name) === version) return;
      await serve(projection);
      serving.set(name, version);
      // Another projection's name may begin with this one: only a number may follow it.
      const isVersion = (collection: string) =>
        collection.startsWith(`${name}-`) && /^\d+$/.test(collection.slice(name.length + 1));
      for (const collection of await documents.collections())
        if (isVersion(collection) && collection !== collectionOf(projection)) {
          await documents.drop(collection);
          await documents.remove(CHECKPOINTS, [collection]);
        }
    },
    checkpoint,
    advance: async (projection, position) => {
      const id = collectionOf(projection);
      const row: CheckpointRow = { id, organization: "", ...position };
      await overwrite(documents, CHECKPOINTS, row);
      if (serving.get(projection.name) === projection.version)
        reached.set(projection.name, position.position);
      for (const wake of waiting) wake();
      waiting.clear();
    },
    waitFor: async (name, position, timeoutMs) => {
      const deadline = Date.now() + timeoutMs;
      while ((await positionOf(name)) < position) {
        if (Date.now() > deadline) throw unavailable("view/behind", { view: name });
        await new Promise<void>((resolve) => {
          const wake = () => {
            clearTimeout(timer);
            waiting.delete(wake);
            resolve();
          };
          const timer = setTimeout(wake, reached.has(name) ? timeoutMs : POLL_MS);
          waiting.add(wake);
        });
      }
    },
  };
}
