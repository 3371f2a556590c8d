/**
 * What was asked comes to, unless that takes longer than so many milliseconds: then it is aborted, and
 * this rejects with what `late` makes, also where what was asked never ends.
 */
export async function inTime<T>(
  timeoutMs: number,
  late: () => Error,
  asking: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = late();
    reject(error);
    abort.abort(error);
  }, timeoutMs);
  try {
    return await Promise.race([asking(abort.signal), over]);
  } finally {
    clearTimeout(timer);
  }
}
