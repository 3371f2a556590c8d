import { join } from "node:path";
import type { Config } from "./config.ts";
import type { DocumentStore } from "./documents/port.ts";
import { openSqliteDocuments } from "./documents/sqlite.ts";
import type { EventStore } from "./events/port.ts";
import { openSqliteEventStore } from "./events/sqlite.ts";
import type { Places } from "./examine.ts";
import { documentLedger } from "./keys/document-ledger.ts";
import { fileLedger, type Ledger } from "./keys/ledger.ts";
import { emptyWal } from "./sqlite/wal.ts";

/** Which stores there are, and what opens them. */
export type StoreSettings = Pick<Config, "data" | "key"> &
  Partial<Pick<Config, "eventStoreUrl" | "mongodbUrl">>;

/** Whether a folder is all there is of an installation, or a part that only one server may use. */
export const usesFolder = ({ eventStoreUrl, mongodbUrl }: Partial<StoreSettings>): boolean =>
  !eventStoreUrl || !mongodbUrl;

/** An address as it may be shown: without the password in it. */
const shown = (url: string): string => url.replace(/\/\/[^@/]*@/, "//").replace(/\?.*$/, "");

/** MongoDB's databases of an installation are named after the one in its address. */
const databaseOf = (url: string): string => /^[^/]+\/\/[^/]+\/([^?]+)/.exec(url)?.[1] ?? "daybook";

/*
 * The drivers of engines are loaded only where they are used: they take half a second to import, and
 * thirty megabytes.
 */

async function mongoDocuments(url: string, of: string): Promise<DocumentStore> {
  const { openMongoDocuments } = await import("./documents/mongodb.ts");
  return openMongoDocuments(url, { database: `${databaseOf(url)}${of}` });
}

async function eventStoreDb(url: string, copyOf: string | undefined): Promise<EventStore> {
  const { openEventStoreDb } = await import("./events/eventstoredb.ts");
  return openEventStoreDb(url, { copyOf });
}

/** What keeps the parts of an installation. */
export type Engines = {
  places: Places;
  /** With an origin, a log that is empty becomes a copy of that one. */
  openLog: (copyOf?: string) => Promise<EventStore>;
  openState: () => Promise<DocumentStore>;
  openViews: () => Promise<DocumentStore>;
  openLedger: () => Promise<Ledger>;
  /** To be told when keys were deleted from the state. */
  onErased: (() => void) | undefined;
};

/** The engines that the settings choose. What is opened of them is closed with the stack. */
export function enginesOf(
  { data, eventStoreUrl, mongodbUrl }: StoreSettings,
  opened: AsyncDisposableStack,
): Engines {
  const file = (name: string) => join(data, name);
  const open = async <C extends { close: () => Promise<void> }>(opening: Promise<C>): Promise<C> =>
    opened.adopt(await opening, (one) => one.close());
  const openDocuments = (name: string, of: "" | "-views" | "-erasures", sync: "FULL" | "NORMAL") =>
    open(mongodbUrl ? mongoDocuments(mongodbUrl, of) : openSqliteDocuments(file(name), sync));
  return {
    places: {
      log: eventStoreUrl ? shown(eventStoreUrl) : file("events.db"),
      state: mongodbUrl ? shown(mongodbUrl) : file("state.db"),
    },
    openLog: (copyOf) =>
      open(
        eventStoreUrl
          ? eventStoreDb(eventStoreUrl, copyOf)
          : openSqliteEventStore(file("events.db"), { copyOf }),
      ),
    openState: () => openDocuments("state.db", "", "FULL"),
    openViews: () => openDocuments("views.db", "-views", "NORMAL"),
    openLedger: async () =>
      mongodbUrl ? documentLedger(await openDocuments("", "-erasures", "FULL")) : fileLedger(data),
    // A deleted row stays in SQLite's files until they are rewritten.
    onErased: mongodbUrl ? undefined : () => emptyWal(file("state.db")),
  };
}
