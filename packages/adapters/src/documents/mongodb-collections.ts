import { setTimeout as pause } from "node:timers/promises";
import type { Collection as MongoCollection } from "mongodb";
import { indexedValue } from "./indexed-values.ts";
import { isDuplicate, type MongoConnection } from "./mongodb-connection.ts";
import {
  type IndexedValues,
  keyOf,
  nameOf,
  pathOf,
  type StoredDocument,
} from "./mongodb-filter.ts";
import { rowOf } from "./mongodb-row.ts";
import type { Collection } from "./port.ts";

type Declared = {
  _id: string;
  /** The indexed fields that every write fills in. */
  fields: string[];
  /** Those of them that the documents that were there before have too. */
  filled: string[];
  /** Set from where it begins to be deleted until it is gone. */
  dropping?: true;
};

export type MongoCollections = {
  /** Throws where there is no such collection, or nothing by which it could be asked for a field. */
  open: (name: string, fields?: readonly string[]) => Promise<Opened>;
  ensure: (collection: Collection) => Promise<void>;
  drop: (name: string) => Promise<void>;
  names: () => Promise<string[]>;
};

export type Opened = {
  documents: MongoCollection<StoredDocument>;
  /** The fields by which it is indexed. */
  fields: readonly string[];
};

/** No collection can be called so: its percent sign would be escaped. */
const REGISTRY = "%collections";

/** For so long a process goes by what it read of a collection; who changes one waits for longer. */
const FRESH_MS = 250;

/** Documents that a new field is filled into at once. */
const FILL_STEP = 1000;

/** Which collections there are with which indexed fields, as all processes know it. */
export function mongoCollections({ db, run, runLong }: MongoConnection): MongoCollections {
  const registry = db.collection<Declared>(REGISTRY);
  const known = new Map<string, { fields: readonly string[]; asOf: number }>();
  const documentsOf = (name: string) => db.collection<StoredDocument>(nameOf(name));

  async function fieldsOf(name: string): Promise<readonly string[]> {
    const asOf = performance.now();
    const held = known.get(name);
    if (held && asOf - held.asOf < FRESH_MS) return held.fields;
    const found = await registry.findOne({ _id: name });
    if (!found || found.dropping) throw new Error(`the collection ${name} is not there`);
    known.set(name, { fields: found.fields, asOf });
    return found.fields;
  }

  /** Until no process goes by what it read before. */
  async function untilSeen(name: string) {
    known.delete(name);
    await pause(2 * FRESH_MS);
  }

  async function open(name: string, asked: readonly string[] = []) {
    const fields = await fieldsOf(name);
    const unknown = asked.find((field) => !fields.includes(field));
    if (unknown !== undefined) throw new Error(`${name} is not indexed by ${unknown}`);
    return { documents: documentsOf(name), fields };
  }

  /** Gives the documents that were there the values of fields that are new. */
  async function fill(name: string, fields: readonly string[]) {
    const documents = documentsOf(name);
    for (let after = "", more = true; more; ) {
      const ids = { _id: { $gt: after }, row: { $ne: null } };
      const page = { sort: { _id: 1 }, limit: FILL_STEP, batchSize: FILL_STEP } as const;
      const found = await run(() => documents.find(ids, page).toArray());
      const updates = found.map(({ _id, guard, row }) => {
        const values: Record<string, unknown> = { ...rowOf(row) };
        const $set = fields.map((field) => [pathOf(field), indexedValue(values[field])]);
        // Whoever writes it in between has filled them in.
        return {
          updateOne: { filter: { _id, guard }, update: { $set: Object.fromEntries($set) } },
        };
      });
      if (updates.length > 0) await run(() => documents.bulkWrite(updates, { ordered: false }));
      after = found.at(-1)?._id ?? after;
      more = found.length === FILL_STEP;
    }
  }

  /** What of its fields was filled in before. */
  async function register(name: string, fields: string[]): Promise<string[]> {
    try {
      await registry.insertOne({ _id: name, fields, filled: fields });
      return fields;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    await registry.updateOne({ _id: name }, { $addToSet: { fields: { $each: fields } } });
    return (await registry.findOne({ _id: name }))?.filled ?? [];
  }

  async function ensure({ name, indexes, indexed }: Collection) {
    const before = await run(() => registry.findOne({ _id: name }));
    if (before?.dropping) await drop(name);
    const fields = [...new Set(indexes.flat())];
    const filled = await run(() => register(name, fields));
    const added = fields.filter((field) => !filled.includes(field));
    if (added.length > 0) {
      await untilSeen(name);
      await fill(name, added);
      const $addToSet = { filled: { $each: added } };
      await run(() => registry.updateOne({ _id: name }, { $addToSet }));
    }
    known.delete(name);
    const keys = indexes.slice(0, indexed).map((index) => [...index.map(pathOf), "_id"]);
    const made = keys.map((paths) => ({ key: Object.fromEntries(paths.map((path) => [path, 1])) }));
    if (made.length > 0) await runLong((long) => long.collection(nameOf(name)).createIndexes(made));
  }

  async function drop(name: string) {
    const marked = await run(() => registry.updateOne({ _id: name }, { $set: { dropping: true } }));
    if (marked.matchedCount === 0) return;
    await untilSeen(name);
    await runLong((long) => long.dropCollection(nameOf(name)));
    await run(() => registry.deleteOne({ _id: name }));
  }

  const names = async () => {
    const all = await registry.find({}, { sort: { _id: 1 } }).toArray();
    return all.map(({ _id }) => _id);
  };

  return { open, ensure, drop, names };
}

/** What a write fills in beside the row. */
export const indexedValues = (row: object, fields: readonly string[]): IndexedValues =>
  Object.fromEntries(
    fields.map((field) => [keyOf(field), indexedValue((row as Record<string, unknown>)[field])]),
  );
