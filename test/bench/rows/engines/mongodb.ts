import { openMongoDocuments } from "@daybook/adapters/mongodb";
import { collectionOf } from "@daybook/application";
import { isMongoInstalled } from "../../../support/mongodb.ts";
import { ORGANIZATION } from "../../fixtures.ts";
import { copyOf } from "../../floors/mongodb.ts";
import { balances } from "../../ledger.ts";
import { rateOf } from "../../measure.ts";
import { idOf } from "../../names.ts";
import { startEngine } from "../../processes.ts";
import type { Measured, Row, Setting } from "../../row.ts";
import { alternately } from "./alternately.ts";

const BATCH = 1000;
const COLLECTION = collectionOf(balances);

const documents = ({ quick }: Setting): number => (quick ? 2000 : 5000);

/** Documents a second when every batch is written one after the other. */
async function writeRate(total: number, write: (from: number) => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  for (let from = 0; from < total; from += BATCH) await write(from);
  return total / ((performance.now() - startedAt) / 1000);
}

type Store = Awaited<ReturnType<typeof openMongoDocuments>>;

/** Writes a batch of balances as its next guard has them. */
async function writeBatch(store: Store, from: number, guard: number): Promise<void> {
  const writes = Array.from({ length: BATCH }, (_, at) => {
    const counted = { owner: `owner-${at}`, total: guard * 7, payments: guard };
    const row = { id: idOf("person", from + at), organization: ORGANIZATION, ...counted };
    return { id: row.id, row, guard, after: guard === 0 ? undefined : guard - 1 };
  });
  const lost = await store.write(COLLECTION, writes);
  if (lost.length > 0) throw new Error(`${lost.length} documents were not written`);
}

/** Our adapter on a collection full of documents, and the bare driver on a copy of it. */
async function withBoth(
  setting: Setting,
  work: (store: Store, bare: Awaited<ReturnType<typeof copyOf>>) => Promise<Measured>,
): Promise<Measured> {
  await using engine = await startEngine("load/mongodb.ts");
  const database = "bench";
  const store = await openMongoDocuments(engine.url, { database });
  await store.ensure({ name: COLLECTION, indexes: balances.indexes });
  await writeRate(documents(setting), (from) => writeBatch(store, from, 0));
  const bare = await copyOf(engine.url, database, COLLECTION);
  const measured = await work(store, bare);
  await store.close();
  await bare.close();
  return measured;
}

const measureWrites = (setting: Setting) =>
  withBoth(setting, (store, bare) => {
    const total = documents(setting);
    let guard = 0;
    const ours = () => {
      guard++;
      return writeRate(total, (from) => writeBatch(store, from, guard));
    };
    return alternately(setting, ours, () =>
      writeRate(total, (from) => bare.write(from, from + BATCH)),
    );
  });

const measureReads = (setting: Setting) =>
  withBoth(setting, (store, bare) => {
    const forMs = setting.quick ? 500 : 1500;
    const anyId = () => idOf("person", Math.floor(Math.random() * documents(setting)));
    return alternately(
      setting,
      () => rateOf(forMs, 16, () => store.get(COLLECTION, anyId())),
      () => rateOf(forMs, 16, () => bare.get(anyId())),
    );
  });

const missing = () =>
  isMongoInstalled() ? undefined : "there is no MongoDB to start (MONGODB_ENGINE)";

export const mongoDb: readonly Row[] = [
  {
    name: "MongoDB: guarded upserts in batches of 1,000",
    unit: "/s",
    target: { share: 0.8 },
    floor: "the driver's bulkWrite with ready documents, as guarded and as durable",
    missing,
    measure: measureWrites,
  },
  {
    name: "MongoDB: documents got by id, 16 at once",
    unit: "/s",
    target: { share: 0.8 },
    floor: "the driver's findOne on the same documents, unparsed",
    missing,
    measure: measureReads,
  },
];
