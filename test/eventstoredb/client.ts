import {
  binaryEvent,
  EventStoreDBClient,
  jsonEvent,
  type ResolvedEvent,
} from "@eventstore/db-client";
import { afterAll, afterEach, beforeEach } from "vitest";
import { eventStoreDbs, type ServerSettings } from "../support/event-store-db.ts";
import { temporaryFolder } from "../support/folder.ts";

/** Some JSON events, numbered. */
export const jsonEvents = (count: number, type = "test", from = 0) =>
  Array.from({ length: count }, (_, n) => jsonEvent({ type, data: { n: from + n } }));

export const binaryEvents = (count: number, type = "binary") =>
  Array.from({ length: count }, (_, n) => binaryEvent({ type, data: Buffer.from(`bytes ${n}`) }));

export type Read = AsyncIterable<ResolvedEvent>;
export const all = (read: Read): Promise<ResolvedEvent[]> => Array.fromAsync(read);
export const revisionsOf = async (read: Read) =>
  (await all(read)).map(({ event }) => Number(event?.revision));

/** The official client, as it is, connected to a server of its own for each test. */
export function connectedClient(settings: ServerSettings = {}) {
  const servers = eventStoreDbs();
  const place = temporaryFolder();
  let client: EventStoreDBClient;
  beforeEach(async () => {
    const { url } = await servers.serve(place.path(), settings);
    client = EventStoreDBClient.connectionString(url);
    await place.opened(Promise.resolve({ close: () => client.dispose() }));
  });
  afterEach(servers.stop);
  afterAll(servers.close);
  return { client: () => client };
}
