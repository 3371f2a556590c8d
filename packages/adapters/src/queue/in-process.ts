import type { Queue } from "./port.ts";

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
export function inProcessQueue(now: () => Date, onError: (error: unknown) => void): Queue {
  const due = line();
  /** In line, or before their time: then with the timer. */
  const waiting = new Map<string, NodeJS.Timeout | undefined>();
  /** Since when they run, and when they are to run again. */
  const running = new Map<string, { since: Date; again?: Date; done: Promise<void> }>();
  let run: ((id: string) => Promise<void>) | undefined;
  let concurrency = 0;
  let closed = false;

  function start() {
    while (run && !closed && running.size < concurrency) {
      const id = due.next();
      if (id === undefined) return;
      waiting.delete(id);
      const done = Promise.resolve(id)
        .then(run)
        .catch(onError)
        .finally(() => finish(id));
      running.set(id, { since: now(), done });
    }
  }

  function finish(id: string) {
    const again = running.get(id)?.again;
    running.delete(id);
    if (again && !closed) wait(id, again);
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
      if (closed || waiting.has(id)) return;
      const current = running.get(id);
      if (!current) wait(id, notBefore);
      // What was due when it began is being done: only what is due later is another run.
      else if (notBefore > current.since && !(current.again && current.again <= notBefore))
        current.again = notBefore;
    },
    process: (runJob, atOnce) => {
      run = runJob;
      concurrency = atOnce;
      start();
    },
    close: async () => {
      closed = true;
      for (const timer of waiting.values()) clearTimeout(timer);
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}
