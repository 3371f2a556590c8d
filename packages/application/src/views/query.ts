import { type ScopedDocuments, scoped } from "@daybook/adapters";
import type { Filter, Page, Projection, Query, Row } from "@daybook/projections";
import type { App } from "../app.ts";

/** How long a query waits for its read model before it refuses: well under a person's patience. */
const BEHIND_MS = 3000;

/** Reads the read models of one organization, none older than what the client has seen. */
export type Reader = {
  get: <R extends Row>(projection: Projection<R>, id: string) => Promise<R | undefined>;
  find: <R extends Row>(projection: Projection<R>, query: Query) => Promise<Page<R>>;
  count: <R extends Row>(projection: Projection<R>, filter: Filter) => Promise<number>;
};

/** `seen` is the highest position that the client knows of, in this log. */
export function reader(app: App, organization: string, seen: number): Reader {
  const documents: ScopedDocuments = scoped(app.documents, organization);
  const ready = async ({ name }: Pick<Projection, "name">) => {
    await app.views.waitFor(name, seen, BEHIND_MS);
    return app.views.serving(name);
  };
  return {
    get: async (projection, id) => documents.get(await ready(projection), id),
    find: async (projection, query) => documents.find(await ready(projection), query),
    count: async (projection, filter) => documents.count(await ready(projection), filter),
  };
}
