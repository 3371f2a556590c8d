import type { Queue } from "@daybook/adapters";
import { describe, expect, test } from "vitest";

/** The first wait of a job that threw. */
export const RETRY_MS = 20;
/** The port's number of attempts, after which a job is forgotten. */
const ATTEMPTS = 5;

type Opened = { queue: Queue; now: () => Date; errors: unknown[] };

const inMs = (from: Date, ms: number) => new Date(from.getTime() + ms);

/** Settled by hand, so that a test decides how long a job takes. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** What every queue keeps to. */
export function queueContract(name: string, open: () => Opened | Promise<Opened>): void {
  describe(name, () => {
    /** Runs jobs as they come, and tells when so many have run. */
    function recording(queue: Queue, concurrency = 5) {
      const ran: string[] = [];
      const waiting: { count: number; reached: () => void }[] = [];
      queue.process(async (id) => {
        ran.push(id);
        for (const { count, reached } of waiting) if (ran.length >= count) reached();
      }, concurrency);
      return {
        ran,
        until: (count: number) =>
          new Promise<void>((reached) => {
            if (ran.length >= count) reached();
            waiting.push({ count, reached });
          }),
      };
    }

    test("a job runs once", async () => {
      const { queue, now } = await open();
      const { ran, until } = recording(queue);
      await queue.add("a", now());
      await queue.add("b", now());
      await until(2);
      await queue.close();
      expect(ran.toSorted()).toEqual(["a", "b"]);
    });

    test("jobs that were added before anybody processes are run then", async () => {
      const { queue, now } = await open();
      await queue.add("a", now());
      await queue.add("b", inMs(now(), 5));
      await new Promise((resolve) => setTimeout(resolve, 20));
      const { ran, until } = recording(queue);
      await until(2);
      await queue.close();
      expect(ran.toSorted()).toEqual(["a", "b"]);
    });

    test("a job does not run before its time", async () => {
      const { queue, now } = await open();
      const { promise: ranAt, resolve: ran } = Promise.withResolvers<Date>();
      queue.process(async () => ran(now()), 5);
      const due = inMs(now(), 40);
      await queue.add("later", due);
      expect((await ranAt).getTime()).toBeGreaterThanOrEqual(due.getTime());
      await queue.close();
    });

    // The same work is added again after every restart: it must not be done twice for that.
    test("an id that waits already is not added again", async () => {
      const { queue, now } = await open();
      for (const _ of "twice") await queue.add("a", inMs(now(), 5));
      for (const _ of "twice") await queue.add("b", now());
      // So that the one does not run beside the other.
      const { ran, until } = recording(queue, 1);
      await queue.add("c", inMs(now(), 30));
      await until(3);
      await queue.close();
      expect(ran.toSorted()).toEqual(["a", "b", "c"]);
    });

    test("an id that has run can be added again", async () => {
      const { queue, now } = await open();
      const { ran, until } = recording(queue);
      await queue.add("a", now());
      await until(1);
      // Not while it is still running: it is over once another has run behind it.
      await queue.add("b", inMs(now(), 5));
      await until(2);
      await queue.add("a", now());
      await until(3);
      await queue.close();
      expect(ran).toEqual(["a", "b", "a"]);
    });

    // A job that finds its work not due yet adds itself again before it ends.
    test("an id that is added while it runs is run again, at the earliest time that was named", async () => {
      const { queue, now } = await open();
      let due = now();
      const times: Date[] = [];
      const twice = gate();
      queue.process(async (id) => {
        times.push(now());
        if (times.length === 2) twice.open();
        if (times.length > 1) return;
        due = inMs(now(), 40);
        await queue.add(id, inMs(due, 3_600_000));
        await queue.add(id, due);
        await queue.add(id, inMs(due, 3_600_000));
      }, 1);
      await queue.add("a", now());
      await twice.opened;
      await queue.close();
      expect(times[1]?.getTime()).toBeGreaterThanOrEqual(due.getTime());
      expect(times).toHaveLength(2);
    });

    // Whoever looks up pending work finds also what is being done.
    test("an id that runs is not run again for what was due when it began", async () => {
      const { queue, now } = await open();
      const [started, may] = [gate(), gate()];
      const ran: string[] = [];
      const due = now();
      queue.process(async (id) => {
        ran.push(id);
        started.open();
        await may.opened;
      }, 1);
      await queue.add("a", due);
      await started.opened;
      await queue.add("a", due);
      await queue.add("b", due);
      may.open();
      while (!ran.includes("b")) await new Promise((resolve) => setImmediate(resolve));
      await queue.close();
      expect(ran).toEqual(["a", "b"]);
    });

    test("no more run at once than were asked for, and all do", async () => {
      const { queue, now } = await open();
      let running = 0;
      let most = 0;
      let left = 30;
      const [all, done] = [gate(), gate()];
      queue.process(async () => {
        most = Math.max(most, ++running);
        if (running === 3) all.open();
        await all.opened;
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        if (--left === 0) done.open();
      }, 3);
      for (let n = 0; n < 30; n++) await queue.add(`job-${n}`, now());
      await done.opened;
      await queue.close();
      expect(most).toBe(3);
    });

    test("a job that throws is reported and run again, and the others go on", async () => {
      const { queue, now, errors } = await open();
      const failure = new Error("the store is away");
      const ran: string[] = [];
      const again = gate();
      await queue.add("bad", now());
      await queue.add("good", now());
      queue.process(async (id) => {
        ran.push(id);
        if (id === "bad" && ran.length === 1) throw failure;
        if (id === "bad") again.open();
      }, 1);
      await again.opened;
      await queue.close();
      expect(ran).toEqual(["bad", "good", "bad"]);
      expect(errors).toEqual([failure]);
    });

    // Whoever looks up pending work adds it again, so it must not be kept for ever.
    test("a job that always throws is forgotten, after waits that double", async () => {
      const { queue, now, errors } = await open();
      const times: number[] = [];
      const another = gate();
      queue.process(async (id) => {
        if (id === "another") return another.open();
        times.push(now().getTime());
        throw new Error("as ever");
      }, 1);
      await queue.add("bad", now());
      while (times.length < ATTEMPTS) await new Promise((resolve) => setTimeout(resolve, 5));
      // Longer than the wait that would follow, were there one.
      await queue.add("another", inMs(now(), RETRY_MS * 2 ** ATTEMPTS));
      await another.opened;
      expect(errors).toHaveLength(ATTEMPTS);
      for (const [n, time] of times.slice(1).entries())
        expect(time - (times[n] as number)).toBeGreaterThanOrEqual((RETRY_MS * 2 ** n) / 2);
      await queue.add("bad", now());
      while (times.length <= ATTEMPTS) await new Promise((resolve) => setTimeout(resolve, 5));
      await queue.close();
    });

    test("any id will do", async () => {
      const { queue, now } = await open();
      const ids = ["1", "a:b", "a%3Ab", "a b", "ä/ö", "0196f1f6-7a00-7000-8000-000000000001.mail"];
      const { ran, until } = recording(queue);
      for (const id of ids) await queue.add(id, now());
      await until(ids.length);
      await queue.close();
      expect(ran.toSorted()).toEqual(ids.toSorted());
    });

    test("it tells how many jobs wait, run, and are before their time", async () => {
      const { queue, now } = await open();
      const [started, may] = [gate(), gate()];
      expect(await queue.depth()).toEqual({ waiting: 0, running: 0, delayed: 0 });
      queue.process(async () => {
        started.open();
        await may.opened;
      }, 1);
      await queue.add("running", now());
      await started.opened;
      for (const id of ["waiting", "behind it"]) await queue.add(id, now());
      for (const id of ["a", "b", "c"]) await queue.add(id, inMs(now(), 3_600_000));
      expect(await queue.depth()).toEqual({ waiting: 2, running: 1, delayed: 3 });
      may.open();
      await queue.close();
    });

    test("jobs are taken up after a renewal, and those that run go on", async () => {
      const { queue, now } = await open();
      const [started, may, done] = [gate(), gate(), gate()];
      const ran: string[] = [];
      queue.process(async (id) => {
        if (id === "running") {
          started.open();
          await may.opened;
        }
        ran.push(id);
        if (ran.length === 2) done.open();
      }, 2);
      await queue.add("running", now());
      await started.opened;
      queue.renew();
      await queue.add("next", now());
      while (ran.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      may.open();
      await done.opened;
      await queue.close();
      expect(ran).toEqual(["next", "running"]);
    });

    test("a close waits for what runs and starts nothing more", async () => {
      const { queue, now } = await open();
      const [started, may] = [gate(), gate()];
      const ran: string[] = [];
      queue.process(async (id) => {
        started.open();
        await may.opened;
        ran.push(id);
      }, 1);
      await queue.add("running", now());
      await started.opened;
      await queue.add("behind it", now());
      await queue.add("much later", inMs(now(), 3_600_000));
      let closed = false;
      const closing = queue.close().then(() => {
        closed = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(closed).toBe(false);
      may.open();
      await closing;
      await queue.add("too late", now());
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(ran).toEqual(["running"]);
    });
  });
}
