import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { catalogue } from "@daybook/domain";
import { type Config, ConfigError } from "./config.ts";
import { openMongoDocuments } from "./documents/mongodb.ts";
import type { DocumentStore } from "./documents/port.ts";
import { openSqliteDocuments } from "./documents/sqlite.ts";
import { openEventStoreDb } from "./events/eventstoredb.ts";
import type { EventStore } from "./events/port.ts";
import { sealed } from "./events/sealing.ts";
import { openSqliteEventStore } from "./events/sqlite.ts";
import {
  examineFolder,
  type Found,
  requireAccess,
  requireKeys,
  requireParts,
  requireSameInstallation,
  requireState,
} from "./examine.ts";
import { documentLedger } from "./keys/document-ledger.ts";
import { type Keyring, openKeyring } from "./keys/keyring.ts";
import { fileLedger } from "./keys/ledger.ts";
import { loadServerKeys, type ServerKeys } from "./keys/server-keys.ts";
import { isServedElsewhere } from "./sqlite/lock.ts";
import { emptyWal } from "./sqlite/wal.ts";

/** The stores of an installation, as the settings choose them. */
export type Stores = {
  events: EventStore;
  /** Read models: disposable. */
  documents: DocumentStore;
  /** What is not derived from the events: keys and sessions. */
  state: DocumentStore;
  keys: ServerKeys;
  keyring: Keyring;
  /** Whether the end of the log may be lost: then read models may be ahead of it. */
  logCutOff: boolean;
  /** Whether other processes serve the same stores: then nothing of them may be taken for granted. */
  shared: boolean;
  /** What was found damaged at the opening and is mended: a line each, for the operator. */
  notices: string[];
  close: () => Promise<void>;
};

/** Makes the data folder. Throws ConfigError where it cannot be used. */
export function prepareFolder(folder: string): void {
  try {
    // What is made here is for the account it runs under alone.
    process.umask(0o077);
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new ConfigError(
      `DAYBOOK_DATA: ${folder} cannot be written (${(error as Error).message}).`,
    );
  }
  requireAccess(folder);
}

/** Ends all sessions there are in a state, without a trace. */
export const endSessions = (state: DocumentStore): Promise<void> => state.drop("sessions");

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

/**
 * Opens all stores, making what is missing. Throws ConfigError for a folder that cannot be used,
 * DamagedFile where something of an installation is missing or damaged, StoreUnavailable where an
 * engine cannot be reached.
 */
export async function openStores(config: StoreSettings): Promise<Stores> {
  const { data, key, eventStoreUrl, mongodbUrl } = config;
  prepareFolder(data);
  const file = (name: string) => join(data, name);
  const shared = !usesFolder(config);
  if (shared && !key && !existsSync(file("server.key")))
    throw new ConfigError(
      "DAYBOOK_KEY is missing: give every process the same 32 random bytes in base64",
    );
  // What a server writes just now may look cut off, and the server has looked when it started.
  const alone = !shared && !isServedElsewhere(data);
  if (!mongodbUrl) requireState(data);
  const found: Found = alone
    ? examineFolder(data)
    : { logCutOff: false, stateCutOff: false, notices: [] };

  await using opened = new AsyncDisposableStack();
  const open = async <C extends { close: () => Promise<void> }>(opening: Promise<C>): Promise<C> =>
    opened.adopt(await opening, (one) => one.close());
  const openDocuments = (name: string, of: "" | "-views" | "-erasures", sync: "FULL" | "NORMAL") =>
    open(
      mongodbUrl
        ? openMongoDocuments(mongodbUrl, { database: `${databaseOf(mongodbUrl)}${of}` })
        : openSqliteDocuments(file(name), sync),
    );

  const places = {
    log: eventStoreUrl ? shown(eventStoreUrl) : file("events.db"),
    state: mongodbUrl ? shown(mongodbUrl) : file("state.db"),
  };
  const state = await openDocuments("state.db", "", "FULL");
  const parts = [...(eventStoreUrl ? [] : ["events.db"]), ...(key ? [] : ["server.key"])];
  await requireParts(data, parts, state);
  const keys = loadServerKeys(data, key);
  const log = await open(
    eventStoreUrl ? openEventStoreDb(eventStoreUrl) : openSqliteEventStore(file("events.db")),
  );
  await requireSameInstallation(places, state, log, keys.id);
  if (found.stateCutOff) await endSessions(state);
  const ledger = mongodbUrl
    ? await documentLedger(await openDocuments("", "-erasures", "FULL"))
    : fileLedger(data);
  const keyring = await openKeyring(
    state,
    keys,
    ledger,
    // A deleted row stays in SQLite's files until they are rewritten.
    mongodbUrl ? undefined : () => emptyWal(file("state.db")),
  );
  const events = sealed(log, keyring, catalogue);
  if (alone || shared) await requireKeys(places, events);
  const documents = await openDocuments("views.db", "-views", "NORMAL");

  const { logCutOff, notices } = found;
  const all = opened.move();
  return {
    ...{ events, documents, state, keys, keyring, logCutOff, shared, notices },
    close: () => all.disposeAsync(),
  };
}
