import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import { catalogue } from "@daybook/domain";
import { type Config, ConfigError } from "./config.ts";
import type { DocumentStore } from "./documents/port.ts";
import { openSqliteDocuments } from "./documents/sqlite.ts";
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
import { type Keyring, openKeyring } from "./keys/keyring.ts";
import { loadServerKeys, type ServerKeys } from "./keys/server-keys.ts";
import { isServedElsewhere } from "./sqlite/lock.ts";

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

/**
 * Opens all stores, making what is missing in a new folder. Throws ConfigError for a folder that
 * cannot be used, DamagedFile where something of an installation is missing or damaged.
 */
export async function openStores(config: Pick<Config, "data" | "key">): Promise<Stores> {
  const { data, key } = config;
  prepareFolder(data);
  const file = (name: string) => join(data, name);
  // What a server writes just now may look cut off, and the server has looked when it started.
  const alone = !isServedElsewhere(data);
  requireState(data);
  const found: Found = alone
    ? examineFolder(data)
    : { logCutOff: false, stateCutOff: false, notices: [] };

  await using opened = new AsyncDisposableStack();
  const open = async <C extends { close: () => Promise<void> }>(opening: Promise<C>): Promise<C> =>
    opened.adopt(await opening, (one) => one.close());
  const state = await open(openSqliteDocuments(file("state.db"), "FULL"));
  await requireParts(data, key, state);
  const keys = loadServerKeys(data, key);
  const log = await open(openSqliteEventStore(file("events.db")));
  await requireSameInstallation(data, state, log, keys.id);
  if (found.stateCutOff) await endSessions(state);
  const keyring = await openKeyring(state, keys, data);
  const events = sealed(log, keyring, catalogue);
  if (alone) await requireKeys(data, events);
  const documents = await open(openSqliteDocuments(file("views.db"), "NORMAL"));

  const { logCutOff, notices } = found;
  const all = opened.move();
  return {
    ...{ events, documents, state, keys, keyring, logCutOff, notices },
    close: () => all.disposeAsync(),
  };
}
