import type { RecordedEvent } from "@daybook/domain";
import { EVENT_TYPE } from "@eventstore/db-client";
import type { Batch, SubscribeOptions } from "../port.ts";
import { type Connection, pause, waitMs } from "./connection.ts";
import { openFeed } from "./feed.ts";
import { isOurs, positionOf, recordedOf } from "./recorded.ts";

/**
 * What the server adds for itself stays there. Types are told apart here: over what its filter skips
 * the server gives a position only now and then, so that one who waits for a rare type would never
 * seem to have read a log at rest to its end.
 */
const notOfTheServer = { filterOn: EVENT_TYPE, regex: "^[^$]" } as const;

/** Subscriptions of a connection, each of which is taken up again until it is aborted. */
export function subscriptions(
  connection: Connection,
  isGone: (event: RecordedEvent) => boolean,
  refresh: () => Promise<void>,
) {
  const down = new Set<symbol>();
  let restarts = 0;

  async function* subscribe({ after, types, signal }: SubscribeOptions): AsyncGenerator<Batch> {
    const id = Symbol();
    /** Given, matching or not: never beyond the last event of ours, as the head is not. */
    let position = after;
    /** How far the server has come, with its own events. */
    let reached = after;
    let failures = 0;
    const confirmed = () => {
      failures = 0;
      down.delete(id);
    };

    async function* feed(): AsyncGenerator<Batch> {
      using source = openFeed(connection, reached, notOfTheServer, confirmed);
      const stop = () => source[Symbol.dispose]();
      signal.addEventListener("abort", stop);
      const refreshed = refresh().then(
        () => true,
        () => false,
      );
      for (let told = false; ; ) {
        // Whatever has ended it, the next one begins where it has come to.
        const taken = await source.take().catch(() => undefined);
        if (!taken || signal.aborted || !(await refreshed))
          return signal.removeEventListener("abort", stop);
        const ours = taken.events.filter(isOurs);
        const last = ours.at(-1);
        reached = Math.max(reached, taken.reached);
        if (last) position = positionOf(last);
        if (!last && (!taken.live || told)) continue;
        told ||= taken.live;
        const matching = types ? ours.filter(({ type }) => types.includes(type)) : ours;
        const events = matching.map(recordedOf).filter((event) => !isGone(event));
        yield { events, position, live: taken.live };
      }
    }

    try {
      while (!signal.aborted) {
        yield* feed();
        if (signal.aborted) return;
        down.add(id);
        restarts++;
        await pause(waitMs(failures++, connection.waits), signal);
      }
    } finally {
      down.delete(id);
    }
  }

  return { subscribe, connection: () => ({ restarts, down: down.size > 0 }) };
}
