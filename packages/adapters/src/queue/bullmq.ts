import { Queue as BullQueue, DelayedError, type Job } from "bullmq";
import { ATTEMPTS } from "./attempts.ts";
import { type Taking, type TakingOptions, takeJobs } from "./bullmq-worker.ts";
import type { Queue } from "./port.ts";
import { connectionTo, PREFIX, requireKept, SILENCE_MS } from "./redis.ts";
import { runningJobs } from "./running.ts";

export type BullQueueOptions = TakingOptions & {
  now: () => Date;
  /** Told what an operator should look after. */
  warn: (line: string) => void;
};

/** Whoever adds a job is not held up for longer. */
const ANSWER_MS = 5000;

/** BullMQ takes neither a colon nor a mere number as an id. */
const jobId = (id: string): string => `job-${encodeURIComponent(id)}`;

const away = (error: Error): never => {
  throw new Error(`The queue's Redis does not answer (${error.message}).`, { cause: error });
};

/** The side that adds: it is told at once that Redis is away, instead of being kept until it is back. */
async function openAdding(url: string, { name, onError, warn, silenceMs }: BullQueueOptions) {
  let isOpen = false;
  const { redis, report, end } = connectionTo(
    url,
    {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: ANSWER_MS,
      socketTimeout: silenceMs ?? SILENCE_MS,
    },
    // What goes wrong before it is open is thrown.
    (error) => isOpen && onError(error),
  );
  using opening = new DisposableStack();
  opening.defer(end);
  await requireKept(redis, warn);
  isOpen = true;
  const jobs = new BullQueue<string>(name, {
    connection: redis,
    prefix: PREFIX,
    defaultJobOptions: {
      attempts: ATTEMPTS,
      backoff: { type: "spread" },
      removeOnComplete: true,
      removeOnFail: true,
    },
  });
  jobs.on("error", report);
  // One that could not ask for the version of Redis once never tries again.
  await jobs.waitUntilReady();
  opening.move();
  return { jobs, end };
}

/**
 * The queue of several processes, in Redis. Finished jobs are removed at once: what was done is
 * recorded elsewhere, and an id that is kept could not be added again. Throws ConfigError where
 * Redis is away or would lose jobs.
 */
export async function openBullQueue(url: string, options: BullQueueOptions): Promise<Queue> {
  const { now, onError } = options;
  const { jobs, end } = await openAdding(url, options);
  const running = runningJobs(now, onError);
  let take: (() => Taking) | undefined;
  let taking: Taking | undefined;
  let closed = false;

  const msUntil = (due: Date) => Math.max(0, due.getTime() - now().getTime());

  async function work(job: Job<string>, run: (id: string) => Promise<void>, token?: string) {
    const { failed, again } = await running.run(job.data, run);
    // What it threw was reported: it may tell about a person, and is not for Redis.
    if (failed && job.attemptsMade + 1 < ATTEMPTS) throw new Error("The job is to be run again.");
    if (!again) return;
    // By the clock of the machine, as BullMQ goes.
    await job.moveToDelayed(Date.now() + msUntil(again), token);
    throw new DelayedError();
  }

  return {
    add: async (id, notBefore) => {
      if (closed || running.noted(id, notBefore)) return;
      const job = { jobId: jobId(id), delay: msUntil(notBefore) };
      await jobs.add("run", id, job).catch(away);
    },
    process: (run, concurrency) => {
      take = () => takeJobs(url, options, concurrency, (job, token) => work(job, run, token));
      taking = take();
    },
    renew: () => {
      if (closed) return;
      taking?.drop();
      taking = take?.();
    },
    depth: async () => {
      const counts = await jobs.getJobCounts("wait", "active", "delayed").catch(away);
      const { wait = 0, active = 0, delayed = 0 } = counts;
      return { waiting: wait, running: active, delayed };
    },
    close: async () => {
      closed = true;
      await taking?.close(running.ended());
      end();
    },
  };
}
