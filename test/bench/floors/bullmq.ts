import { Queue, Worker } from "bullmq";

/** A queue by BullMQ's own classes, and nothing around it. Jobs are as the product's are. */
export async function openBareQueue(url: string) {
  const connection = { url };
  const queue = new Queue<string>("bare", {
    connection,
    defaultJobOptions: {
      attempts: 5,
      backoff: { type: "exponential", delay: 1000 },
      removeOnComplete: true,
      removeOnFail: true,
    },
  });
  await queue.waitUntilReady();
  let worker: Worker<string> | undefined;
  return {
    add: async (id: string) => {
      await queue.add("run", id, { jobId: id });
    },
    process: (run: (id: string) => Promise<void>, concurrency: number) => {
      worker = new Worker<string>("bare", ({ data }) => run(data), { connection, concurrency });
    },
    close: async () => {
      await worker?.close();
      await queue.close();
    },
  };
}
