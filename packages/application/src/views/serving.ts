import { type DocumentStore, overwrite } from "@daybook/adapters";
import type { Projection, Row } from "@daybook/projections";
import { isOf, SERVING } from "./names.ts";

/** Which collections of a projection there are, as all processes know them. */
export type ServingRow = Row & {
  /** What queries read. */
  collection: string;
  logId: string;
  /** Being built again beside it: commands fold into both. */
  building?: string | undefined;
  /** What it took the place of: commands fold into it as long as somebody may still read it. */
  retired?: string | undefined;
};

/** For so long a process may take for granted what it read. */
export const FRESH_MS = 1000;

export type Serving = {
  get: (name: string) => ServingRow | undefined;
  /** Tells everybody. */
  put: (name: string, row: Omit<ServingRow, "id" | "organization">) => Promise<void>;
  /** What others told meanwhile: a promise where that has to be read, which is once a second. */
  fresh: () => Promise<void> | undefined;
  /** The same, however fresh it is. */
  refresh: () => Promise<void>;
};

/** What has to be done where other processes begin or end to use a collection. */
export type Uses = {
  begins: (projection: Projection, collection: string) => Promise<void>;
  ends: (collection: string) => void;
};

const collectionsOf = (row: ServingRow | undefined): string[] =>
  row ? [row.collection, row.building, row.retired].filter((one) => one !== undefined) : [];

/** Knows which collections serve. `shared` is whether other processes switch them too. */
export function openServing(
  documents: DocumentStore,
  projections: readonly Projection[],
  shared: boolean,
  uses: Uses,
): Serving {
  const rows = new Map<string, ServingRow>();
  let freshUntil = Number.NEGATIVE_INFINITY;
  let refreshing: Promise<void> | undefined;

  async function adopt(projection: Projection, row: ServingRow) {
    const before = collectionsOf(rows.get(projection.name));
    const now = collectionsOf(row);
    for (const collection of now.filter((one) => !before.includes(one))) {
      // Another version's has the indexes of that version.
      if (isOf(projection, collection)) await uses.begins(projection, collection);
    }
    for (const collection of before) if (!now.includes(collection)) uses.ends(collection);
    rows.set(projection.name, row);
  }

  async function refresh() {
    const startedAt = performance.now();
    const names = projections.map(({ name }) => name);
    const found = await documents.getMany<ServingRow>(SERVING, names);
    for (const projection of projections) {
      const row = found.find(({ id }) => id === projection.name)?.row;
      if (row) await adopt(projection, row);
    }
    freshUntil = startedAt + FRESH_MS;
  }

  return {
    get: (name) => rows.get(name),
    put: async (name, content) => {
      const row: ServingRow = { id: name, organization: "", ...content };
      await overwrite(documents, SERVING, [row]);
      rows.set(name, row);
    },
    fresh: () => {
      if (!shared || performance.now() < freshUntil) return undefined;
      refreshing ??= refresh().finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },
    refresh,
  };
}
