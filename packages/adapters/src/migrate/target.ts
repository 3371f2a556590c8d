import type { Work } from "../backup/progress.ts";
import { ConfigError } from "../config.ts";
import type { DocumentStore } from "../documents/port.ts";
import { type Engines, enginesOf, type StoreSettings } from "../engines.ts";
import type { EventStore } from "../events/port.ts";
import { type Identity, readIdentity } from "../keys/identity.ts";
import { type Parts, prepareFolder } from "../open.ts";
import { requireSameKey } from "./keys.ts";
import { findStart } from "./log.ts";
import { isMarked, markIncomplete } from "./mark.ts";

export type Target = Engines & {
  state: DocumentStore;
  log: EventStore;
  /** The position, in the source, of the last event that it has. */
  start: number;
  /** Whether it can be served as it was found. */
  isComplete: boolean;
};

/** Throws where the state was recorded to belong to anything but this log and this server's key. */
function requireFree({ places }: Engines, known: Identity | undefined, identity: Identity): void {
  if (known && (known.logId !== identity.logId || known.serverKey !== identity.serverKey))
    throw new ConfigError(`${places.state} belongs to another installation: give an empty one`);
}

/**
 * Opens the target, and marks it as incomplete. Throws ConfigError, before anything is changed in
 * it, where it holds what is not a copy of the source.
 */
export async function openTarget(
  settings: StoreSettings,
  { log: source, keys }: Pick<Parts, "log" | "keys">,
  opened: AsyncDisposableStack,
  work: Work,
): Promise<Target> {
  prepareFolder(settings.data);
  requireSameKey(settings, keys.id);
  const engines = enginesOf(settings, opened);
  const state = await engines.openState();
  const log = await engines.openLog();
  const isEmpty = (await log.head()) === 0;
  if (!isEmpty && log.originId !== source.originId)
    throw new ConfigError(`${engines.places.log} holds another log: give an empty one`);
  const known = await readIdentity(state);
  requireFree(engines, known, { logId: log.logId, serverKey: keys.id });
  const start = await findStart(source, log, work);
  const isComplete = known !== undefined && !(await isMarked(state));
  await markIncomplete(state);
  if (!isEmpty) return { ...engines, state, log, start, isComplete };
  const copy = await engines.openLog(source.originId);
  if (copy.originId !== source.originId)
    throw new ConfigError(`${engines.places.log} is to hold another log: give an empty one`);
  return { ...engines, state, log: copy, start, isComplete };
}
