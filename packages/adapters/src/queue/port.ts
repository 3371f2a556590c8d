/**
 * Distributes work that is recorded elsewhere: a job that is lost is added again under the same id.
 */
export interface Queue {
  /**
   * Adds a job that is run once `notBefore` has passed; nothing when the id is waiting already. One
   * that runs just now is run again if `notBefore` is after it began.
   */
  add(id: string, notBefore: Date): Promise<void>;
  /** Runs the jobs, so many at once. A job that throws is reported and forgotten. */
  process(run: (id: string) => Promise<void>, concurrency: number): void;
  /** Stops taking jobs and waits for those that run. */
  close(): Promise<void>;
}
