import { inProcessQueue } from "@daybook/adapters";
import { openBullQueue } from "@daybook/adapters/bullmq";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { describeWithRedis, type RedisServer, redisServer } from "../support/redis.ts";
import { dataFolder, removeFolder } from "../support/server.ts";
import { queueContract, RETRY_MS } from "./queue-contract.ts";

const now = () => new Date();

function open() {
  const errors: unknown[] = [];
  const queue = inProcessQueue(now, (error) => errors.push(error), RETRY_MS);
  return { queue, now, errors };
}

queueContract("in process", open);

describeWithRedis("in Redis", () => {
  let folder: string;
  let redis: RedisServer;
  let opened = 0;
  beforeAll(async () => {
    folder = await dataFolder();
    redis = await redisServer(folder);
  });
  afterAll(async () => {
    await redis.close();
    await removeFolder(folder);
  });

  queueContract("by BullMQ", async () => {
    const errors: unknown[] = [];
    const report = (error: unknown) => errors.push(error);
    const queue = await openBullQueue(redis.url, {
      ...{ name: `queue-${++opened}`, now, retryMs: RETRY_MS },
      ...{ onError: report, warn: report },
    });
    return { queue, now, errors };
  });
});

describe("in process, on a clock of the test's", () => {
  const DAY_MS = 24 * 3_600_000;
  afterEach(() => {
    vi.useRealTimers();
  });

  // A timer of the platform waits 24.8 days at most, and not at all for more.
  test("a job waits for months", async () => {
    vi.useFakeTimers();
    const { queue } = open();
    const ran: string[] = [];
    queue.process(async (id) => {
      ran.push(id);
    }, 1);
    await queue.add("a", new Date(now().getTime() + 100 * DAY_MS));
    await vi.advanceTimersByTimeAsync(100 * DAY_MS - 1);
    expect(ran).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ran).toEqual(["a"]);
    await queue.close();
  });

  test("jobs that are due run in the order in which they were added, however many wait", async () => {
    const { queue } = open();
    const ids = Array.from({ length: 100_000 }, (_, n) => `job-${n}`);
    const ran: string[] = [];
    for (const id of ids) await queue.add(id, now());
    const done = new Promise<void>((resolve) => {
      queue.process(async (id) => {
        ran.push(id);
        if (ran.length === 1) await queue.add("another", now());
        if (id === "another") resolve();
      }, 1);
    });
    await done;
    await queue.close();
    expect(ran).toEqual([...ids, "another"]);
  });
});
