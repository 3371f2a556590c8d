import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { catalogue } from "@daybook/domain";
import { ConfigError } from "./config.ts";
import type { DocumentStore } from "./documents/port.ts";
import { type Engines, enginesOf, type StoreSettings, usesFolder } from "./engines.ts";
import type { EventStore } from "./events/port.ts";
import { sealed } from "./events/sealing.ts";
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
import type { Ledger } from "./keys/ledger.ts";
import { loadServerKeys, type ServerKeys } from "./keys/server-keys.ts";
import { requireMigrated } from "./migrate/mark.ts";
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

/** What is not derived of an installation, below the sealing. */
export type Parts = Omit<Engines, "openLog" | "openState" | "openLedger"> & {
  state: DocumentStore;
  log: EventStore;
  keys: ServerKeys;
  ledger: Ledger;
  found: Found;
  /** Whether no other process uses the same. */
  alone: boolean;
};

/**
 * Opens what is not derived, and looks whether it is whole and of one installation. Throws as
 * `openStores` does.
 */
export async function openParts(
  config: StoreSettings,
  opened: AsyncDisposableStack,
): Promise<Parts> {
  const { data, key, eventStoreUrl, mongodbUrl } = config;
  prepareFolder(data);
  const shared = !usesFolder(config);
  if (shared && !key && !existsSync(join(data, "server.key")))
    throw new ConfigError(
      "DAYBOOK_KEY is missing: give every process the same 32 random bytes in base64",
    );
  // What a server writes just now may look cut off, and the server has looked when it started.
  const alone = !shared && !isServedElsewhere(data);
  if (!mongodbUrl) requireState(data);
  const found: Found = alone
    ? examineFolder(data)
    : { logCutOff: false, stateCutOff: false, notices: [] };

  const { openState, openLog, openLedger, ...engines } = enginesOf(config, opened);
  const { places } = engines;
  const state = await openState();
  await requireMigrated(places, state);
  const parts = [...(eventStoreUrl ? [] : ["events.db"]), ...(key ? [] : ["server.key"])];
  await requireParts(data, parts, state);
  const keys = loadServerKeys(data, key);
  const log = await openLog();
  await requireSameInstallation(places, state, log, keys.id);
  return { ...engines, state, log, keys, ledger: await openLedger(), found, alone };
}

/**
 * Opens all stores, making what is missing. Throws ConfigError for a folder that cannot be used,
 * DamagedFile where something of an installation is missing or damaged, StoreUnavailable where an
 * engine cannot be reached.
 */
export async function openStores(config: StoreSettings): Promise<Stores> {
  await using opened = new AsyncDisposableStack();
  const parts = await openParts(config, opened);
  const { places, state, keys, found, alone } = parts;
  const shared = !usesFolder(config);
  if (found.stateCutOff) await endSessions(state);
  const keyring = await openKeyring(state, keys, parts.ledger, parts.onErased);
  const events = sealed(parts.log, keyring, catalogue);
  if (alone || shared) await requireKeys(places, events);
  const documents = await parts.openViews();

  const { logCutOff, notices } = found;
  const all = opened.move();
  return {
    ...{ events, documents, state, keys, keyring, logCutOff, shared, notices },
    close: () => all.disposeAsync(),
  };
}
