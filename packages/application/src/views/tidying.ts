import type { Projection } from "@daybook/projections";
import { parseCollection } from "./names.ts";
import type { Serving, ServingRow } from "./serving.ts";

/** For so long what is not used any more is kept where other processes may be in the middle of it. */
const KEPT_MS = 30_000;
/** The same where it may serve a program that has yet to be replaced by its next version. */
const OLDER_KEPT_MS = 3_600_000;

type TidyingParts = {
  put: Serving["put"];
  rowOf: (name: string) => ServingRow;
  /** Whether other processes use the same. */
  shared: boolean;
  active: (projection: Projection) => string;
  drop: (collection: string) => Promise<void>;
};

/**
 * Deletes those of the collections that are a projection's, and neither serve nor are folded. Where
 * other processes may be in the middle of one, it is deleted by a later call.
 */
export function openTidying({ put, rowOf, shared, active, drop }: TidyingParts) {
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

  return async (projection: Projection, collections: readonly string[]): Promise<void> => {
    const { name } = projection;
    const row = rowOf(name);
    const used = [row.collection, row.building, active(projection)];
    for (const collection of collections) {
      const of = parseCollection(projection, collection)?.version;
      if (of === undefined || used.includes(collection)) unused.delete(collection);
      else if (isLeft(projection, collection, of)) {
        const { retired, ...others } = rowOf(name);
        if (retired === collection) await put(name, others);
        await drop(collection);
      }
    }
  };
}
