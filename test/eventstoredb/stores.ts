import { type EventStoreDbOptions, openEventStoreDb } from "@daybook/adapters/eventstoredb";
import { afterAll, afterEach } from "vitest";
import { eventStoreDbs, type ServerSettings } from "../support/event-store-db.ts";
import { newEvent } from "../support/events.ts";
import { temporaryFolder } from "../support/folder.ts";

/** Waits short enough for a test, and no shorter than a busy machine needs. */
export const patience: EventStoreDbOptions = {
  answerTimeoutMs: 2000,
  retryMs: 10,
  retryMaxMs: 200,
};

/** Numbered events, each with an id of its own. */
export const counted = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => newEvent("Counted", { n: from + n }));

/** Servers that share a process, and stores on them: another for each test. */
export function connectedStores(settings: ServerSettings = {}) {
  const place = temporaryFolder();
  const servers = eventStoreDbs();
  afterEach(servers.stop);
  afterAll(servers.close);
  return {
    place,
    server: () => servers.serve(place.path(), settings),
    store: async (options: EventStoreDbOptions = patience) => {
      const { url } = await servers.serve(place.path(), settings);
      return place.opened(openEventStoreDb(url, options));
    },
  };
}
