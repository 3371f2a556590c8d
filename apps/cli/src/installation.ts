import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Config, ConfigError } from "@daybook/adapters";

type Folder = Pick<Config, "data" | "key">;

/** Whether there is a log in the data folder. Makes nothing. */
export function isInstalled({ data }: Folder): boolean {
  const folder = statSync(data, { throwIfNoEntry: false });
  if (folder && !folder.isDirectory())
    throw new ConfigError(`DAYBOOK_DATA: ${data} is not a folder.`);
  return existsSync(join(data, "events.db"));
}

/**
 * Throws ConfigError where there is no installation to read, or a part of it that is not derived is
 * missing: opening the stores would put an empty one in its place.
 */
export function requireInstallation(config: Folder): void {
  const { data, key } = config;
  if (!isInstalled(config))
    throw new ConfigError(
      `there is no installation in ${data}: start the server or run npx daybook setup`,
    );
  for (const part of ["state.db", ...(key ? [] : ["server.key"])])
    if (!existsSync(join(data, part)))
      throw new ConfigError(`${join(data, part)} is missing: restore it from a back-up`);
}
