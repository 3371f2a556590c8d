import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import { catalogue } from "@daybook/domain";
import { type Config, ConfigError } from "./config.ts";
import type { DocumentStore } from "./documents/port.ts";
import { openSqliteDocuments } from "./documents/sqlite.ts";
import type { EventStore } from "./events/port.ts";
import { sealed } from "./events/sealing.ts";
import { openSqliteEventStore } from "./events/sqlite.ts";
import { openKeyring } from "./keys/keyring.ts";
import { loadServerKeys, type ServerKeys } from "./keys/server-keys.ts";

/** The stores of an installation, as the settings choose them. */
export type Stores = {
  events: EventStore;
  /** Read models: disposable. */
  documents: DocumentStore;
  /** What is not derived from the events: keys and sessions. */
  state: DocumentStore;
  keys: ServerKeys;
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
}

/** Opens all stores, making what is missing. Throws ConfigError for a folder that cannot be used. */
export async function openStores(config: Pick<Config, "data" | "key">): Promise<Stores> {
  prepareFolder(config.data);
  const keys = loadServerKeys(config.data, config.key);
  const state = await openSqliteDocuments(join(config.data, "state.db"), "FULL");
  const keyring = await openKeyring(state, keys);
  const log = await openSqliteEventStore(join(config.data, "events.db"));
  const documents = await openSqliteDocuments(join(config.data, "views.db"), "NORMAL");
  return {
    events: sealed(log, keyring, catalogue),
    documents,
    state,
    keys,
    close: async () => {
      await Promise.all([log.close(), documents.close(), state.close()]);
    },
  };
}
