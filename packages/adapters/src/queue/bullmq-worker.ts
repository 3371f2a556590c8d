import { type Job, Worker } from "bullmq";
import { RETRY_MS, retryAfterMs } from "./attempts.ts";
import { connectionTo, PREFIX, SILENCE_MS } from "./redis.ts";

export type TakingOptions = {
  /** Jobs are shared by all processes that open a queue of this name on the same Redis. */
  name: string;
  onError: (error: unknown) => void;
  /** The first wait of a job that threw. */
  retryMs?: number;
  /** How long after its process died a job may be taken up by another, at the earliest. */
  lockMs?: number;
  /** After so long without an answer a connection is given up and made anew. */
  silenceMs?: number;
};

/** What takes jobs up, over connections of its own. */
export type Taking = {
  /** Takes none any more and waits until those that run are over, and Redis knows of it. */
  close: (ended: Promise<void>) => Promise<void>;
  /** Ends its connections at once. What runs is not told to Redis any more. */
  drop: () => void;
};

const LOCK_MS = 20_000;
/** How long a close waits for Redis to be told how the last jobs ended. */
const CLOSE_MS = 3000;
/** A connection that failed is used again so soon. */
const AFTER_FAILURE_MS = 1000;
/** A job whose process died so often is left to be added again. */
const STALLED_MAX = 3;

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

/** Takes jobs up by a worker of BullMQ, which waits for Redis to come back, however long it takes. */
export function takeJobs(
  url: string,
  { name, onError, retryMs = RETRY_MS, lockMs = LOCK_MS, silenceMs = SILENCE_MS }: TakingOptions,
  concurrency: number,
  work: (job: Job<string>, token?: string) => Promise<void>,
): Taking {
  const waits = { maxRetriesPerRequest: null, socketTimeout: silenceMs };
  const { redis, report, end } = connectionTo(url, waits, onError);
  const worker = new Worker<string>(name, work, {
    connection: redis,
    prefix: PREFIX,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: lockMs / 2,
    maxStalledCount: STALLED_MAX,
    runRetryDelay: AFTER_FAILURE_MS,
    settings: {
      backoffStrategy: (attempt, _type, _error, job) =>
        retryAfterMs(String(job?.data), attempt, retryMs),
    },
  });
  worker.on("error", report);
  return {
    close: async (ended) => {
      const closing = worker.close().catch(report);
      await ended;
      await Promise.race([closing, after(CLOSE_MS)]);
      end();
    },
    drop: () => {
      worker.close(true).catch(report);
      end();
    },
  };
}
