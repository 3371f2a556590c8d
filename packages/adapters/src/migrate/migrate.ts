import { catalogue } from "@daybook/domain";
import type { Work } from "../backup/progress.ts";
import { ConfigError } from "../config.ts";
import { type StoreSettings, usesFolder } from "../engines.ts";
import { sealed } from "../events/sealing.ts";
import { type Places, requireKeys } from "../examine.ts";
import { recordIdentity } from "../keys/identity.ts";
import { openKeyring } from "../keys/keyring.ts";
import { endSessions, openParts, prepareFolder } from "../open.ts";
import { lockFolder } from "../sqlite/lock.ts";
import { type Compared, compareLogs } from "./compare.ts";
import { copyErasures, copyKeys, copyServerKey } from "./keys.ts";
import { copyLog } from "./log.ts";
import { markComplete } from "./mark.ts";
import { openTarget, type Target } from "./target.ts";

export type MigrateOptions = Work & { source: StoreSettings; target: StoreSettings };

export type Migrated = Compared & {
  places: Places;
  /** How many events were not there before. */
  copied: number;
  /** How many people's keys there are, erased ones counted too. */
  keys: number;
};

/** Throws where both are one: the log may stay where it is, the state that belongs to it may not. */
function requireApart(source: StoreSettings, target: StoreSettings): void {
  const stateOf = ({ data, mongodbUrl }: StoreSettings) => mongodbUrl ?? data;
  if (stateOf(source) === stateOf(target))
    throw new ConfigError(
      "the target's keys would lie where the source's are: give another database of MongoDB, or another folder",
    );
}

/** Holds the folders that are a part of either, so that no server runs on them. */
function lockFolders(settings: readonly StoreSettings[], opened: AsyncDisposableStack): void {
  const folders = settings.filter(usesFolder).map(({ data }) => data);
  for (const folder of new Set(folders)) {
    prepareFolder(folder);
    opened.adopt(lockFolder(folder), async (unlock) => unlock());
  }
}

/** Ends all sessions, and deletes the read models, to be built again. */
async function discardDerived({ state, openViews }: Target): Promise<void> {
  await endSessions(state);
  const views = await openViews();
  for (const name of await views.collections()) await views.drop(name);
}

/**
 * Copies an installation to other engines: the log in its order, then the keys, then who was erased,
 * as a back-up does and for the same reasons. Everything is copied as it is stored, and sealed.
 * Broken off or killed, the target opens for nothing but the next run, which goes on where this one
 * was; run again after it came to its end, it changes nothing.
 */
export async function migrate({ source, target, ...work }: MigrateOptions): Promise<Migrated> {
  requireApart(source, target);
  await using opened = new AsyncDisposableStack();
  lockFolders([source, target], opened);
  const from = await openParts(source, opened);
  if ((await from.log.head()) === 0)
    throw new ConfigError(`${from.places.log} holds no events: there is nothing to migrate`);
  const to = await openTarget(target, from, opened, work);

  copyServerKey(source, target);
  const copied = await copyLog(from.log, to.log, to.start, work);
  const keys = await copyKeys(from.state, to.state);
  const ledger = await to.openLedger();
  const erased = await copyErasures(from.ledger, ledger);
  const compared = await compareLogs(from.log, to.log, work);
  // Opened beside the ledger, keys that it names are erased.
  const keyring = await openKeyring(to.state, from.keys, ledger, to.onErased);
  await requireKeys(to.places, sealed(to.log, keyring, catalogue));

  // Where it was served before, it may show the data of people who were erased since.
  if (!to.isComplete || copied > 0 || erased > 0) await discardDerived(to);
  await recordIdentity(to.state, { logId: to.log.logId, serverKey: from.keys.id });
  await markComplete(to.state);
  return { ...compared, places: to.places, copied, keys };
}
