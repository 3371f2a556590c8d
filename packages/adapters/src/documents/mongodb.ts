import type { Query, Row } from "@daybook/projections";
import { type AnyBulkWriteOperation, MongoBulkWriteError } from "mongodb";
import { decodeCursor, pageOf } from "./cursor.ts";
import { indexedValues, mongoCollections } from "./mongodb-collections.ts";
import { connectMongo, DUPLICATE_KEY, type MongoOptions } from "./mongodb-connection.ts";
import { countFilter, pageFilter, type StoredDocument, sortOf } from "./mongodb-filter.ts";
import { rowOf, storedRow } from "./mongodb-row.ts";
import type { Document, DocumentStore, GuardedWrite } from "./port.ts";

/** Read at once, in a few milliseconds. */
const SCAN_PAGE = 500;

const parse = <R extends Row>({ _id, guard, row }: StoredDocument): Document<R> => ({
  id: _id,
  guard,
  row: rowOf(row) as R | null,
});

/**
 * An update whose guard has moved fails, and so does one of a document that is gone: as an upsert it
 * would insert what another removed, were it not for the id that no document can be given. Without
 * upsert a server tells how many found their document, and not which.
 */
function operation(
  { id: _id, guard, row, after }: GuardedWrite,
  fields: readonly string[],
): AnyBulkWriteOperation<StoredDocument> {
  const by = row ? { by: indexedValues(row, fields) } : {};
  const document = { guard, row: storedRow(row), ...by };
  if (after === undefined) return { insertOne: { document: { _id, ...document } } };
  const $setOnInsert = { _id: null as unknown as string };
  const update = { $set: document, $setOnInsert, ...(!row && { $unset: { by: "" as const } }) };
  return { updateOne: { filter: { _id, guard: after }, update, upsert: true } };
}

const IMMUTABLE_ID = 66;

/** Which writes of a batch found their guard moved. Throws what else went wrong with it. */
function lostOf(error: unknown): number[] {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) throw error;
  const errors = [error.writeErrors].flat();
  const moved = ({ code }: { code: number }) => code === DUPLICATE_KEY || code === IMMUTABLE_ID;
  if (errors.length === 0 || !errors.every(moved)) throw error;
  return errors.map(({ index }) => index);
}

/**
 * Documents in MongoDB, or in what speaks its protocol: no transaction, no aggregation pipeline, no
 * collation and no change stream is needed. While the server is away everything rejects with
 * StoreUnavailable, and works again when it is back.
 *
 * @example
 * const url = "mongodb://db.example:27017/?replicaSet=rs0";
 * const state = await openMongoDocuments(url, { database: "daybook-state" });
 */
export async function openMongoDocuments(
  url: string,
  options: MongoOptions,
): Promise<DocumentStore> {
  const connection = await connectMongo(url, options);
  const { run } = connection;
  const collections = mongoCollections(connection);

  async function write(name: string, given: readonly GuardedWrite[]): Promise<string[]> {
    const { documents, fields } = await collections.open(name);
    if (given.length === 0) return [];
    // In one order, so that a server that locks what a batch writes never has two wait for each other.
    const writes = given.toSorted((one, other) => (one.id < other.id ? -1 : 1));
    try {
      const operations = writes.map((one) => operation(one, fields));
      await documents.bulkWrite(operations, { ordered: false });
      return [];
    } catch (error) {
      return lostOf(error).map((index) => (writes[index] as GuardedWrite).id);
    }
  }

  const read = (name: string, ids: readonly string[]) =>
    run(async () => {
      const { documents } = await collections.open(name);
      // In one answer: a driver's first batch is small unless told.
      return documents.find({ _id: { $in: [...ids] } }, { batchSize: ids.length + 1 }).toArray();
    });

  const scanned = (name: string, after: string) =>
    run(async () => {
      const { documents } = await collections.open(name);
      const page = { sort: { _id: 1 }, limit: SCAN_PAGE, batchSize: SCAN_PAGE } as const;
      return documents.find({ _id: { $gt: after } }, page).toArray();
    });

  return {
    ensure: collections.ensure,
    get: <R extends Row>(name: string, id: string) =>
      run(async () => {
        const { documents } = await collections.open(name);
        const found = await documents.findOne({ _id: id });
        return found ? parse<R>(found) : undefined;
      }),
    getMany: async (name, ids) => (await read(name, ids)).map((one) => parse(one)),
    scan: async function* <R extends Row>(name: string) {
      for (let after = ""; ; ) {
        const found = await scanned(name, after);
        for (const one of found) yield parse<R>(one);
        after = found.at(-1)?._id ?? after;
        if (found.length < SCAN_PAGE) return;
      }
    },
    find: <R extends Row>(name: string, query: Query) =>
      run(async () => {
        const key = query.cursor === undefined ? undefined : decodeCursor(query.cursor, query);
        const asked = [...Object.keys(query.where), ...query.sort];
        const { documents } = await collections.open(name, asked);
        const limit = query.limit + 1;
        const page = { sort: sortOf(query), limit, batchSize: limit };
        const found = await documents.find(pageFilter(query, key), page).toArray();
        return pageOf(
          found.map((one) => parse<R>(one).row as R),
          query,
        );
      }),
    count: (name, { where, anyOf }, cap) =>
      run(async () => {
        const asked = [where, ...(anyOf ?? [])].flatMap(Object.keys);
        const { documents } = await collections.open(name, asked);
        // The driver counts by an aggregation pipeline; the command stops at the cap.
        const { collectionName: count, readConcern } = documents;
        const query = countFilter(where, anyOf);
        return (await connection.db.command({ count, query, limit: cap, readConcern })).n;
      }),
    write: (name, writes) => run(() => write(name, writes)),
    remove: (name, ids) =>
      run(async () => {
        const { documents } = await collections.open(name);
        await documents.deleteMany({ _id: { $in: [...ids] } });
      }),
    drop: collections.drop,
    collections: () => run(collections.names),
    ping: async () => {
      // A server may answer while what it stores in does not.
      await run(collections.names);
    },
    connection: connection.state,
    close: connection.close,
  };
}
