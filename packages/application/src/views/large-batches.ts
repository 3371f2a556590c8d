import type { Batch, EventStore, SubscribeOptions } from "@daybook/adapters";

/** Folded at once while catching up: what changes again and again is written once. */
const EVENTS = 10_000;

/**
 * A subscription in large batches, for what is far behind. The next is read while one is worked on;
 * `stop` ends it, also while it waits for the log to go on.
 */
export function largeBatches(
  events: EventStore,
  { signal, ...options }: SubscribeOptions,
): { batches: AsyncIterable<Batch>; stop: () => void } {
  const abort = new AbortController();
  const either = AbortSignal.any([signal, abort.signal]);

  async function* gathered(): AsyncGenerator<Batch> {
    let held: Batch["events"] = [];
    for await (const batch of events.subscribe({ ...options, signal: either })) {
      held = held.length === 0 ? batch.events : held.concat(batch.events);
      if (held.length < EVENTS && !batch.live) continue;
      yield { ...batch, events: held };
      held = [];
    }
  }

  async function* ahead(): AsyncGenerator<Batch> {
    const from = gathered();
    let next = from.next();
    for (;;) {
      const { value, done } = await next;
      if (done) return;
      next = from.next();
      // Whoever stops in between does not wait for it, nor for what it fails with.
      next.catch(() => {});
      yield value;
    }
  }

  return { batches: ahead(), stop: () => abort.abort() };
}
