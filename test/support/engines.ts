import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startEventStoreDb } from "./event-store-db.ts";
import { startMongo } from "./mongodb.ts";
import { redisServer } from "./redis.ts";

/** The production engines on this machine, each of which can be killed and started again. */
export async function startEngines(folder: string) {
  const place = async (name: string) => {
    const path = join(folder, name);
    if (!existsSync(path)) await mkdir(path);
    return path;
  };
  const mongo = await startMongo();
  const eventStore = await startEventStoreDb(await place("eventstore"));
  const redis = await redisServer(await place("redis"));
  return {
    mongo,
    eventStore,
    redis,
    /** The settings of a process that uses them all. */
    env: {
      EVENTSTORE_URL: eventStore.url,
      MONGODB_URL: mongo.url,
      REDIS_URL: redis.url,
      DAYBOOK_KEY: Buffer.alloc(32, 5).toString("base64"),
    },
    close: async () => {
      await Promise.all([mongo.remove(), eventStore.close(), redis.close()]);
    },
  };
}

export type Engines = Awaited<ReturnType<typeof startEngines>>;
