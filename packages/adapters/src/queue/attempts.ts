/** How often a job that throws is run: about half a minute, before whoever looks it up again does. */
export const ATTEMPTS = 5;

/** The first wait; the others are 2, 4 and 8 times as long. */
export const RETRY_MS = 1000;

/** A number from 0 to 1 that is another one for each text (FNV-1a). */
function spread(text: string): number {
  let hash = 2166136261;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) as number), 16777619);
  return (hash >>> 0) / 2 ** 32;
}

/**
 * How long a job waits that has thrown so often. Half of the wait is spread by the job's id, so
 * that those which failed together do not come back together.
 */
export const retryAfterMs = (id: string, attempt: number, firstMs: number): number =>
  Math.round(firstMs * 2 ** (attempt - 1) * (0.5 + spread(`${id} ${attempt}`)));
