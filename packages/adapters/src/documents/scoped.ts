import { COUNT_CAP, type Filter, type Page, type Query, type Row } from "@daybook/projections";
import type { DocumentStore } from "./port.ts";

/** The documents of one organization: what queries are given, so that none can see another's. */
export type ScopedDocuments = {
  get<R extends Row>(collection: string, id: string): Promise<R | undefined>;
  find<R extends Row>(collection: string, query: Query): Promise<Page<R>>;
  count(collection: string, filter: Filter): Promise<number>;
};

/** The one place where queries are bound to an organization. */
export function scoped(documents: DocumentStore, organization: string): ScopedDocuments {
  const bound = <Q extends Filter | Query>(query: Q): Q => ({
    ...query,
    where: { ...query.where, organization },
  });
  return {
    get: async <R extends Row>(collection: string, id: string) => {
      const row = (await documents.get<R>(collection, id))?.row;
      return row?.organization === organization ? row : undefined;
    },
    find: (collection, query) => documents.find(collection, bound(query)),
    count: (collection, filter) => documents.count(collection, bound(filter), COUNT_CAP),
  };
}
