import { ConfigError, type DocumentStore, type EventStore, type Stores } from "@daybook/adapters";
import type { Projection } from "@daybook/projections";
import { CHECKPOINTS, LEASES, PARKED, REBUILDS, RETENTION, SERVING, SNAPSHOTS } from "./names.ts";
import type { CheckpointRow } from "./progress.ts";
import type { ServingRow } from "./serving.ts";

const bookkeeping = [
  { name: CHECKPOINTS, indexes: [] },
  { name: SERVING, indexes: [] },
  { name: PARKED, indexes: [["projection"]] },
  { name: SNAPSHOTS, indexes: [] },
  { name: REBUILDS, indexes: [] },
  { name: LEASES, indexes: [] },
  { name: RETENTION, indexes: [] },
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

async function ensureBookkeeping(documents: DocumentStore) {
  for (const collection of bookkeeping) await documents.ensure(collection);
}

/**
 * Lets the documents be of this log: foreign ones are discarded, and said so. Throws ConfigError
 * where other processes may be at work with them.
 */
export async function discardForeign(
  events: EventStore,
  documents: DocumentStore,
  projections: readonly Projection[],
  { logCutOff, shared, notices }: ViewsOpening,
): Promise<void> {
  await ensureBookkeeping(documents);
  const reason = await foreign(events, documents, projections, logCutOff);
  if (!reason) return;
  if (shared)
    throw new ConfigError(
      `${reason}: stop all processes, drop the database of the read models, whose name ends in -views, and start again`,
    );
  notices.push(`${reason}: the read models are built again`);
  for (const name of await documents.collections()) await documents.drop(name);
  await ensureBookkeeping(documents);
}
