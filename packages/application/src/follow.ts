/** Waits after a failure, doubled each time. */
const RETRY_MS = 200;
const RETRY_MAX_MS = 30_000;

export type Following = {
  /** Resolved when it has done its work, or was aborted. */
  done: Promise<void>;
  /** How often it failed and was taken up again. */
  restarts: () => number;
};

/**
 * Runs what reads along the log. Whatever ends it, a store that was away or a bug, it is taken up
 * again after a growing wait, and counted: a reader that has ended unnoticed is the fault that
 * systems of this kind suffer from most.
 */
export function keepFollowing(
  follow: () => Promise<void>,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Following {
  let restarts = 0;
  async function run() {
    for (let wait = RETRY_MS; !signal.aborted; wait = Math.min(wait * 2, RETRY_MAX_MS)) {
      try {
        return await follow();
      } catch (error) {
        restarts++;
        onError(error);
        await new Promise((resolve) => setTimeout(resolve, wait).unref());
      }
    }
  }
  return { done: run(), restarts: () => restarts };
}
