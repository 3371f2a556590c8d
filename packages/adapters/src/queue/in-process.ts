import { ATTEMPTS, RETRY_MS, retryAfterMs } from "./attempts.ts";
import type { Queue } from "./port.ts";
import { runningJobs } from "./running.ts";

/** The longest that a timer of the platform can wait. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** First in, first out. Taking from the front of an array moves all that stands behind it. */
function line() {
  let entering: string[] = [];
  let leaving: string[] = [];
  return {
    push: (id: string) => entering.push(id),
    next: (): string | undefined => {
      if (leaving.length === 0) [leaving, entering] = [entering.reverse(), leaving];
      return leaving.pop();
    },
  };
}

/** The embedded queue: timers in this process, nothing kept. */
export function inProcessQueue(
  now: () => Date,
  onError: (error: unknown) => void,
  firstMs: number = RETRY_MS,
): Queue {
  const due = line();
  /** In line, or before their time: then with the timer. */
  const waiting = new Map<string, NodeJS.Timeout | undefined>();
  const running = runningJobs(now, onError);
  /** How often those have thrown that are to be run again. */
  const failures = new Map<string, number>();
  let run: ((id: string) => Promise<void>) | undefined;
  let concurrency = 0;
  let closed = false;

  function start() {
    while (run && !closed && running.count() < concurrency) {
      const id = due.next();
      if (id === undefined) return;
      waiting.delete(id);
      running.run(id, run).then(({ failed, again }) => finish(id, failed, again));
    }
  }

  function finish(id: string, failed: boolean, again: Date | undefined) {
    const thrown = (failures.get(id) ?? 0) + (failed ? 1 : 0);
    const retryMs = retryAfterMs(id, thrown, firstMs);
    const retries = failed && thrown < ATTEMPTS;
    const next = retries ? new Date(now().getTime() + retryMs) : again;
    if (next && thrown > 0) failures.set(id, thrown);
    else failures.delete(id);
    if (next && !closed) wait(id, next);
    start();
  }

  /** Looked at again when the timer is over: it may be early, or too short for a long wait. */
  function wait(id: string, notBefore: Date) {
    const ms = notBefore.getTime() - now().getTime();
    if (ms > 0) {
      const timer = setTimeout(() => wait(id, notBefore), Math.min(ms, TIMER_MAX_MS));
      waiting.set(id, timer.unref());
      return;
    }
    waiting.set(id, undefined);
    due.push(id);
    start();
  }

  return {
    add: async (id, notBefore) => {
      if (!closed && !waiting.has(id) && !running.noted(id, notBefore)) wait(id, notBefore);
    },
    process: (runJob, atOnce) => {
      run = runJob;
      concurrency = atOnce;
      start();
    },
    // There is no connection that could be lost.
    renew: () => {},
    depth: async () => {
      const delayed = [...waiting.values()].filter((timer) => timer !== undefined).length;
      return { waiting: waiting.size - delayed, running: running.count(), delayed };
    },
    close: async () => {
      closed = true;
      for (const timer of waiting.values()) clearTimeout(timer);
      await running.ended();
    },
  };
}
