type Run = { since: Date; again?: Date; done: Promise<Ended> };

/** How a run has ended: whether it threw, and when it was asked for again meanwhile. */
export type Ended = { failed: boolean; again: Date | undefined };

/** The jobs that run in this process, and which of them were added again since they began. */
export function runningJobs(now: () => Date, onError: (error: unknown) => void) {
  const runs = new Map<string, Run>();

  function end(id: string, failed: boolean): Ended {
    const again = runs.get(id)?.again;
    runs.delete(id);
    return { failed, again };
  }

  return {
    count: () => runs.size,
    /** Runs it and reports what it throws. One that runs already is not begun a second time. */
    run: (id: string, job: (id: string) => Promise<void>): Promise<Ended> => {
      const current = runs.get(id);
      if (current) return current.done;
      const since = now();
      const done = Promise.resolve(id)
        .then(job)
        .then(
          () => end(id, false),
          (error) => {
            onError(error);
            return end(id, true);
          },
        );
      runs.set(id, { since, done });
      return done;
    },
    /** Whether it runs just now: then it is noted here when it is to run again. */
    noted: (id: string, notBefore: Date): boolean => {
      const current = runs.get(id);
      if (!current) return false;
      // What was due when it began is being done: only what is due later is another run.
      if (notBefore > current.since && !(current.again && current.again <= notBefore))
        current.again = notBefore;
      return true;
    },
    /** Resolved when all that run now have ended. */
    ended: async (): Promise<void> => {
      await Promise.all([...runs.values()].map(({ done }) => done));
    },
  };
}
