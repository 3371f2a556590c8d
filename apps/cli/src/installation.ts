import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, type StoreSettings } from "@daybook/adapters";

/** Whether there is a log, or a server of its own that may have one. Makes nothing. */
export function isInstalled({ data, eventStoreUrl }: StoreSettings): boolean {
  const folder = statSync(data, { throwIfNoEntry: false });
  if (folder && !folder.isDirectory())
    throw new ConfigError(`DAYBOOK_DATA: ${data} is not a folder.`);
  return Boolean(eventStoreUrl) || existsSync(join(data, "events.db"));
}

/**
 * Throws ConfigError where there is no installation to read, or a part of it that is not derived is
 * missing: opening the stores would put an empty one in its place.
 */
export function requireInstallation(config: StoreSettings): void {
  const { data, key, mongodbUrl } = config;
  if (!isInstalled(config))
    throw new ConfigError(
      `there is no installation in ${data}: start the server or run npx daybook setup`,
    );
  // Whether an engine of its own has what it should, shows when it is opened.
  if (config.eventStoreUrl) return;
  for (const part of [...(mongodbUrl ? [] : ["state.db"]), ...(key ? [] : ["server.key"])])
    if (!existsSync(join(data, part)))
      throw new ConfigError(`${join(data, part)} is missing: restore it from a back-up`);
}

/** Throws ConfigError where a part of the installation is not in the folder. */
export function requireFolder({ eventStoreUrl, mongodbUrl }: StoreSettings): void {
  if (eventStoreUrl || mongodbUrl)
    throw new ConfigError(
      "this is for the embedded stores: EventStoreDB and MongoDB have tools of their own, see docs/production.md",
    );
}
