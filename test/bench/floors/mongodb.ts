import { MongoClient } from "mongodb";

type Stored = { _id: string; guard: number };

/** A copy of a collection, its indexes too, by MongoDB's driver and nothing around it. */
export async function copyOf(url: string, database: string, collection: string) {
  const client = new MongoClient(url, {
    writeConcern: { w: "majority", journal: true },
    readConcern: { level: "majority" },
  });
  const original = client.db(database).collection<Stored>(collection);
  const copy = client.db(database).collection<Stored>("copy");
  const documents = await original.find().sort({ _id: 1 }).toArray();
  await copy.insertMany(documents);
  for (const { key, name } of await original.indexes())
    if (name !== "_id_") await copy.createIndex(key);

  return {
    /** Writes some of the documents where nobody else has since, in one batch. */
    write: async (from: number, to: number) => {
      const batch = documents.slice(from, to).map((document) => {
        const { _id, guard, ...rest } = document;
        document.guard++;
        const update = { $set: { guard: document.guard, ...rest } };
        return { updateOne: { filter: { _id, guard }, update, upsert: true } };
      });
      await copy.bulkWrite(batch, { ordered: false });
    },
    get: (id: string) => copy.findOne({ _id: id }),
    close: () => client.close(),
  };
}
