/** How long something may take that others work on: far longer than it does, so that it can hang. */
const PATIENCE_MS = 60_000;

/** Waits until something is there. */
export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`it did not come to be: ${look}`);
}
