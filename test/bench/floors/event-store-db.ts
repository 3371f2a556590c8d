import type { NewEvent } from "@daybook/adapters";
import {
  EventStoreDBClient,
  excludeSystemEvents,
  jsonEvent,
  NO_STREAM,
  START,
} from "@eventstore/db-client";

/** EventStoreDB by its official client, and nothing around it. */
export function bareEventStoreDb(url: string) {
  const client = EventStoreDBClient.connectionString(url);
  return {
    /** Appends to a stream that is not there yet. */
    append: (stream: string, events: readonly NewEvent[]) =>
      client.appendToStream(
        stream,
        events.map(({ id, type, data, meta }) =>
          jsonEvent({ id, type, data: data as never, metadata: { ...meta } as never }),
        ),
        { expectedRevision: NO_STREAM },
      ),
    /** Reads so many events by a subscription from the start of the log. */
    read: (count: number) =>
      new Promise<void>((resolve, reject) => {
        let left = count;
        const filter = excludeSystemEvents();
        const subscription = client.subscribeToAll({ fromPosition: START, filter });
        subscription.on("error", reject).on("data", ({ event }) => {
          if (!event || --left > 0) return;
          subscription.destroy();
          resolve(subscription.unsubscribe());
        });
      }),
    close: () => client.dispose(),
  };
}
