/** How many jobs there are in each state. */
export type QueueDepth = {
  /** Due, and taken up by nobody yet. */
  waiting: number;
  running: number;
  /** Before their time. */
  delayed: number;
};

/**
 * Distributes work that is recorded elsewhere: a job that is lost is added again under the same id.
 */
export interface Queue {
  /**
   * Adds a job that is run once `notBefore` has passed; nothing when the id is waiting already. One
   * that this process runs just now is run again if `notBefore` is after it began. It throws, and
   * never waits, while the engine is away: the job is added again by whoever looks up what is left.
   */
  add(id: string, notBefore: Date): Promise<void>;
  /**
   * Runs the jobs, so many at once in this process. One that throws is reported and run again,
   * after waits that double from one to the next, and is forgotten when it has thrown `ATTEMPTS`
   * times.
   */
  process(run: (id: string) => Promise<void>, concurrency: number): void;
  /**
   * Takes jobs up by a connection made anew, for whoever sees that due jobs are not taken up. Jobs
   * that run go on.
   */
  renew(): void;
  /** How many jobs there are, in all processes. Throws while the engine is away. */
  depth(): Promise<QueueDepth>;
  /** Stops taking jobs and waits for those that run. */
  close(): Promise<void>;
}
