import type { Projection } from "@daybook/projections";

/** Each version of a projection has a collection of its own, and so has each time it is rebuilt. */
export const collectionOf = (
  { name, version }: Pick<Projection, "name" | "version">,
  rebuilt = 0,
): string => `${name}-${version}${rebuilt > 0 ? `.${rebuilt}` : ""}`;

/** Which version and rebuild of a projection a collection is; nothing where it is another's. */
export function parseCollection(
  { name }: Pick<Projection, "name">,
  collection: string,
): { version: number; rebuilt: number } | undefined {
  if (!collection.startsWith(`${name}-`)) return undefined;
  // Another projection's name may begin with this one: only numbers may follow it.
  const [, version, rebuilt = 0] =
    /^(\d+)(?:\.(\d+))?$/.exec(collection.slice(name.length + 1)) ?? [];
  return version === undefined ? undefined : { version: Number(version), rebuilt: Number(rebuilt) };
}

/** Whether a collection is of this program's version of a projection: another's is only read. */
export const isOf = (
  projection: Pick<Projection, "name" | "version">,
  collection: string | undefined,
): collection is string =>
  collection !== undefined &&
  parseCollection(projection, collection)?.version === projection.version;

/** Bookkeeping, beside the collections of the projections; a projection's name has no dot. */
export const CHECKPOINTS = "daybook.checkpoints";
export const SERVING = "daybook.serving";
export const PARKED = "daybook.parked";
export const SNAPSHOTS = "daybook.snapshots";
export const LEASES = "daybook.leases";
export const REBUILDS = "daybook.rebuilds";
export const RETENTION = "daybook.retention";
