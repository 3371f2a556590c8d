import type { AnyDecider } from "./decider.ts";
import type { Table } from "./message.ts";

/** Every event the program knows, by type: its schema and the category it is recorded under. */
export type Catalogue = ReadonlyMap<string, { schema: Table[string]; category: string }>;

/** Builds the catalogue. An event type belongs to one decider: a second one throws. */
export function catalogueOf(deciders: readonly AnyDecider[]): Catalogue {
  const catalogue = new Map<string, { schema: Table[string]; category: string }>();
  for (const { stream: category, events } of deciders)
    for (const [type, schema] of Object.entries(events as Table)) {
      if (catalogue.has(type)) throw new Error(`two deciders record ${type}`);
      catalogue.set(type, { schema, category });
    }
  return catalogue;
}
