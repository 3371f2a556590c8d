import { Queue as BullQueue, DelayedError, type Job, Worker } from "bullmq";
import { ATTEMPTS, RETRY_MS, retryAfterMs } from "./attempts.ts";
import type { Queue } from "./port.ts";
import { type Connection, connectionTo, requireKept } from "./redis.ts";
import { runningJobs } from "./running.ts";

export type BullQueueOptions = {
  /** Jobs are shared by all processes that open a queue of this name on the same Redis. */
  name: string;
  now: () => Date;
  onError: (error: unknown) => void;
  /** Told what an operator should look after. */
  warn: (line: string) => void;
  /** The first wait of a job that threw. */
  retryMs?: number;
  /** How long after its process died a job may be taken up by another, at the earliest. */
  lockMs?: number;
  /** After so long without an answer a connection is given up and made anew. */
  silenceMs?: number;
};

const PREFIX = "daybook";
const LOCK_MS = 20_000;
/**
 * A connection whose other end is gone without a word never ends by itself. Longer than the 10 s
 * that a worker waits for a job.
 */
const SILENCE_MS = 15_000;
/** Whoever adds a job is not held up for longer. */
const ANSWER_MS = 5000;
/** How long a close waits for Redis to be told how the last jobs ended. */
const CLOSE_MS = 3000;
/** A connection that failed is used again so soon. */
const AFTER_FAILURE_MS = 1000;
/** A job whose process died so often is left to be added again. */
const STALLED_MAX = 3;

/** BullMQ takes neither a colon nor a mere number as an id. */
const jobId = (id: string): string => `job-${encodeURIComponent(id)}`;

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

/** What takes jobs up: BullMQ's worker, over connections of its own. */
type Taking = { worker: Worker<string>; connection: Connection };

/**
 * The queue of several processes, in Redis. Finished jobs are removed at once: what was done is
 * recorded elsewhere, and an id that is kept could not be added again. Throws ConfigError where
 * Redis is away or would lose jobs.
 */
export async function openBullQueue(url: string, options: BullQueueOptions): Promise<Queue> {
  const { name, now, onError, warn, retryMs = RETRY_MS, lockMs = LOCK_MS } = options;
  const socketTimeout = options.silenceMs ?? SILENCE_MS;
  // Whoever adds is told at once that Redis is away, instead of being kept until it is back.
  const failsFast = { enableOfflineQueue: false, maxRetriesPerRequest: 0 };
  const inTime = { socketTimeout, commandTimeout: ANSWER_MS };
  const adding = connectionTo(url, { ...failsFast, ...inTime }, onError);
  using opening = new DisposableStack();
  opening.defer(adding.end);
  await requireKept(adding.redis, warn);
  const queue = new BullQueue<string>(name, {
    connection: adding.redis,
    prefix: PREFIX,
    defaultJobOptions: {
      attempts: ATTEMPTS,
      backoff: { type: "spread" },
      removeOnComplete: true,
      removeOnFail: true,
    },
  });
  queue.on("error", adding.report);
  // One that could not ask for the version of Redis once never tries again.
  await queue.waitUntilReady();
  opening.move();

  const running = runningJobs(now, onError);
  const msUntil = (due: Date) => Math.max(0, due.getTime() - now().getTime());
  const away = (error: Error): never => {
    throw new Error(`The queue's Redis does not answer (${error.message}).`, { cause: error });
  };
  let run: ((id: string) => Promise<void>) | undefined;
  let concurrency = 0;
  let taking: Taking | undefined;
  let closed = false;

  async function work(job: Job<string>, token?: string) {
    if (!run) return;
    const { failed, again } = await running.run(job.data, run);
    // What it threw was reported: it may tell about a person, and is not for Redis.
    if (failed && job.attemptsMade + 1 < ATTEMPTS) throw new Error("The job is to be run again.");
    if (!again) return;
    // By the clock of the machine, as BullMQ goes.
    await job.moveToDelayed(Date.now() + msUntil(again), token);
    throw new DelayedError();
  }

  function take(): Taking {
    // A worker waits for Redis to come back, however long it takes.
    const connection = connectionTo(url, { socketTimeout, maxRetriesPerRequest: null }, onError);
    const worker = new Worker<string>(name, work, {
      connection: connection.redis,
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
    worker.on("error", connection.report);
    return { worker, connection };
  }

  return {
    add: async (id, notBefore) => {
      if (closed || running.noted(id, notBefore)) return;
      const job = { jobId: jobId(id), delay: msUntil(notBefore) };
      await queue.add("run", id, job).catch(away);
    },
    process: (runJob, atOnce) => {
      run = runJob;
      concurrency = atOnce;
      taking = take();
    },
    renew: () => {
      if (!taking || closed) return;
      const { worker, connection } = taking;
      worker.close(true).catch(connection.report);
      connection.end();
      taking = take();
    },
    depth: async () => {
      const counts = await queue.getJobCounts("wait", "active", "delayed").catch(away);
      const { wait = 0, active = 0, delayed = 0 } = counts;
      return { waiting: wait, running: active, delayed };
    },
    close: async () => {
      closed = true;
      const closing = taking?.worker.close().catch(taking.connection.report);
      await running.ended();
      await Promise.race([closing, after(CLOSE_MS)]);
      taking?.connection.end();
      adding.end();
    },
  };
}
