import { openBullQueue } from "@daybook/adapters/bullmq";
import { v7 } from "uuid";
import { isRedisInstalled, redisServer } from "../../../support/redis.ts";
import { openBareQueue } from "../../floors/bullmq.ts";
import { manyAtOnce, rateOf } from "../../measure.ts";
import { freshFolder, type Measured, type Row, type Setting } from "../../row.ts";
import { alternately } from "./alternately.ts";

const AT_ONCE = 50;

/** What both queues can: ours has more. */
type Jobs = {
  add: (id: string, notBefore: Date) => Promise<void>;
  process: (run: (id: string) => Promise<void>, concurrency: number) => void;
  close: () => Promise<void>;
};

function fail(error: unknown): never {
  throw error;
}

const openOurs = (url: string): Promise<Jobs> =>
  openBullQueue(url, { name: "ours", now: () => new Date(), warn: fail, onError: fail });

const jobId = (): string => `${v7()}-welcome`;

const addRate = (jobs: Jobs, forMs: number): Promise<number> =>
  rateOf(forMs, AT_ONCE, () => jobs.add(jobId(), new Date()));

/** Jobs a second from when they are begun to be taken up until the last of them has run. */
async function processRate(jobs: Jobs, count: number): Promise<number> {
  await manyAtOnce(count, AT_ONCE, () => jobs.add(jobId(), new Date()));
  const over = Promise.withResolvers<void>();
  const startedAt = performance.now();
  let left = count;
  const run = async () => {
    if (--left === 0) over.resolve();
  };
  jobs.process(run, AT_ONCE);
  await over.promise;
  return count / ((performance.now() - startedAt) / 1000);
}

/** Each turn on a queue that was opened for it, in a Redis with nothing else in it. */
async function measure(setting: Setting, rate: (jobs: Jobs) => Promise<number>): Promise<Measured> {
  const redis = await redisServer(freshFolder(setting));
  const turn = async (open: (url: string) => Promise<Jobs>) => {
    await redis.wipe();
    const jobs = await open(redis.url);
    const measured = await rate(jobs);
    await jobs.close();
    return measured;
  };
  const measured = await alternately(
    setting,
    () => turn(openOurs),
    () => turn(openBareQueue),
  );
  await redis.close();
  return measured;
}

const missing = () => (isRedisInstalled() ? undefined : "redis-server is not installed");

export const jobs: readonly Row[] = [
  {
    name: "BullMQ: jobs added, 50 at once",
    unit: "/s",
    target: { share: 0.8 },
    floor: "bullmq's own Queue with the same jobs on the same Redis, each on the disk",
    missing,
    measure: (setting) => measure(setting, (jobs) => addRate(jobs, setting.quick ? 500 : 1500)),
  },
  {
    name: "BullMQ: jobs processed, 50 at once",
    unit: "/s",
    target: { share: 0.8 },
    floor: "bullmq's own Worker with the same jobs on the same Redis, each on the disk",
    missing,
    measure: (setting) =>
      measure(setting, (jobs) => processRate(jobs, setting.quick ? 2000 : 5000)),
  },
];
