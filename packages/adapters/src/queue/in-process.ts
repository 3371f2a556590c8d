import type { Queue } from "./port.ts";

/** The longest that a timer of the platform can wait. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** The embedded queue: timers in this process, nothing kept. */
export function inProcessQueue(now: () => Date, onError: (error: unknown) => void): Queue {
  const timers = new Map<string, NodeJS.Timeout>();
  const due: string[] = [];
  const running = new Map<string, Promise<void>>();
  let run: ((id: string) => Promise<void>) | undefined;
  let concurrency = 0;
  let closed = false;

  function start() {
    while (run && !closed && running.size < concurrency) {
      const id = due.shift();
      if (id === undefined) return;
      const work = run(id)
        .catch(onError)
        .finally(() => {
          running.delete(id);
          start();
        });
      running.set(id, work);
    }
  }

  return {
    add: async (id, notBefore) => {
      if (closed || timers.has(id) || due.includes(id) || running.has(id)) return;
      const wait = Math.min(Math.max(notBefore.getTime() - now().getTime(), 0), TIMER_MAX_MS);
      const timer = setTimeout(() => {
        timers.delete(id);
        due.push(id);
        start();
      }, wait);
      timers.set(id, timer.unref());
    },
    process: (runJob, atOnce) => {
      run = runJob;
      concurrency = atOnce;
      start();
    },
    close: async () => {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(running.values());
    },
  };
}
