import {
  ConfigError,
  type Migrated,
  migrate,
  readConfig,
  type StoreSettings,
} from "@daybook/adapters";
import { type LongWorkParts, longWork } from "./backup.ts";
import { UsageError } from "./failure.ts";
import { requireInstallation } from "./installation.ts";
import { safe } from "./text.ts";

/** The options of `daybook migrate`, as they were given. */
export type MigrateCommandOptions = {
  toEventstore?: string;
  toMongodb?: string;
  toData?: string;
};

type Environment = Readonly<Record<string, string | undefined>>;

export type MigrateParts = LongWorkParts & {
  /** The settings of the source; the target's are the same but for what the options name. */
  env: Environment;
};

/** So many streams are named; the others are counted. */
const NAMED = 5;

/** What the target will be started with. Throws UsageError. */
function targetOf({ toEventstore, toMongodb, toData }: MigrateCommandOptions, env: Environment) {
  if (!toEventstore && !toMongodb && !toData)
    throw new UsageError("give the target: --to-eventstore and --to-mongodb, or --to-data");
  const { DAYBOOK_DATA } = env;
  const engines = { EVENTSTORE_URL: toEventstore, MONGODB_URL: toMongodb };
  try {
    return readConfig({ ...env, ...engines, DAYBOOK_DATA: toData || DAYBOOK_DATA });
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(`the target's ${error.message}`) : error;
  }
}

/** Copies the installation of the settings to other engines. */
export async function runMigrate(
  options: MigrateCommandOptions,
  parts: MigrateParts,
): Promise<void> {
  const { config, env, now, output } = parts;
  const target = targetOf(options, env);
  requireInstallation(config);
  const since = now().getTime();
  const migrated = await longWork(parts, "run it again, and it goes on where it was", (work) =>
    migrate({ ...work, source: config, target }),
  );
  await output.write(describe(migrated, target, now().getTime() - since));
}

function describe(migrated: Migrated, target: StoreSettings, tookMs: number): string {
  const { places, events, copied, checksum, keys, shifted } = migrated;
  const names = shifted.slice(0, NAMED).map(safe).join(", ");
  const others = shifted.length - NAMED;
  return [
    `Migrated to ${safe(places.log)} and ${safe(places.state)}, in ${(tookMs / 1000).toFixed(1)} s.`,
    `Both logs were read to their ends and are the same: ${events} events, of which ${copied} were copied now.`,
    `Their checksum is ${checksum}. Keys of people: ${keys}.`,
    ...(shifted.length > 0
      ? [
          `Where retention has deleted events, revisions are not those of the source. Streams: ${shifted.length} (${names}${others > 0 ? `, and ${others} more` : ""}).`,
        ]
      : []),
    target.key
      ? "The target needs the same DAYBOOK_KEY."
      : `The target needs the server.key that is in ${safe(target.data)}, on every machine.`,
    "Sessions were not copied: everybody signs in again. The read models are built at its first start.",
    "The source is as it was: do not start it again beside the target.",
    "",
  ].join("\n");
}
