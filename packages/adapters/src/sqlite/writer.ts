import type { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { StoreUnavailable } from "../unavailable.ts";

export type WriterOptions = {
  file: string;
  /** URL of a module that exports `open: Program`. */
  program: string;
  /** FULL: an answered write survives a power cut. NORMAL: it may be lost, but nothing breaks. */
  synchronous: "FULL" | "NORMAL";
  /** Statements that make the tables, harmless when they are there. */
  migration: string;
};

/** Asks for a write that changes nothing: whether there can be any. */
export const PROBE = "probe";

/** Prepares its statements and returns what handles one request, inside a transaction. */
export type Program = (db: DatabaseSync) => (body: never) => unknown;

export type Request = { id: number; body: unknown };
export type Answer = { id: number; result?: unknown; error?: string };

export type Writer = {
  /**
   * Runs one request atomically; resolved once it is committed. `size` is how many rows it writes.
   * Rejects with StoreUnavailable.
   */
  run: <T>(body: unknown, size?: number) => Promise<T>;
  /** Where the last write failed, throws StoreUnavailable as long as nothing can be written. */
  ping: () => Promise<void>;
  /** Commits what was given, then closes the file. */
  close: () => Promise<void>;
};

/**
 * One message carries what is asked for in the same turn of the event loop, up to so many rows: then
 * the thread begins with them while the next are being prepared, instead of both waiting for each other.
 */
const TOGETHER = 16;

/** Starts the writer thread of a file and waits until its tables are there. */
export async function openWriter(options: WriterOptions): Promise<Writer> {
  const worker = new Worker(new URL("./writer-thread.ts", import.meta.url), {
    workerData: options,
  });
  const waiting = new Map<
    number,
    { resolve: (value: never) => void; reject: (error: Error) => void }
  >();
  let outbox: Request[] = [];
  let rows = 0;
  let nextId = 0;
  let failing = false;
  let over: Error | undefined;

  const fail = (error: Error) => {
    over ??= new StoreUnavailable(`${options.file}: ${error.message}`);
    for (const { reject } of waiting.values()) reject(over);
    waiting.clear();
  };
  const exited = new Promise<void>((resolve) => {
    worker.once("exit", () => {
      fail(new Error("the writer has ended"));
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("error", (error: Error) =>
      reject(new StoreUnavailable(`${options.file}: ${error.message}`)),
    );
  });
  worker.on("error", fail);
  worker.on("message", (answers: Answer[]) => {
    for (const { id, result, error } of answers) {
      const waiter = waiting.get(id);
      waiting.delete(id);
      failing = error !== undefined;
      if (error === undefined) waiter?.resolve(result as never);
      else waiter?.reject(new StoreUnavailable(`${options.file}: ${error}`));
    }
  });

  function send() {
    if (outbox.length === 0) return;
    worker.postMessage(outbox);
    outbox = [];
    rows = 0;
  }

  function run<T>(body: unknown, size = 1): Promise<T> {
    if (over) return Promise.reject(over);
    if (outbox.length === 0) setImmediate(send);
    const id = nextId++;
    outbox.push({ id, body });
    rows += size;
    if (rows >= TOGETHER) send();
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  }

  return {
    run,
    ping: async () => {
      if (failing || over) await run(PROBE);
    },
    close: async () => {
      while (waiting.size > 0 && !over) await new Promise((resolve) => setTimeout(resolve, 1));
      if (!over) worker.postMessage("close");
      await exited;
    },
  };
}
