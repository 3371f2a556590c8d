import { resolve } from "node:path";
import { restoreBackup } from "@daybook/adapters";
import { type LongWorkParts, longWork } from "./backup.ts";
import { requireFolder } from "./installation.ts";
import { safe } from "./text.ts";

/** The options of `daybook restore`, as they were given. */
export type RestoreCommandOptions = { replace?: boolean; erasures?: string };

/** Restores a back-up into the data folder. */
export async function runRestore(
  folder: string,
  { replace = false, erasures }: RestoreCommandOptions,
  parts: LongWorkParts,
): Promise<void> {
  const { config, now, output } = parts;
  requireFolder(config);
  const { manifest, erased, replaced } = await longWork(parts, "nothing was restored", (work) =>
    restoreBackup({
      ...{ ...work, config, replace, now },
      source: resolve(folder),
      erasures: erasures && resolve(erasures),
    }),
  );
  await output.write(
    [
      `Restored into ${safe(config.data)} as it was at ${manifest.madeAt}: ${manifest.events} events up to position ${manifest.head}.`,
      ...(replaced ? [`What was there before lies in ${safe(replaced)}: delete it in time.`] : []),
      ...(erased > 0 ? [`Keys of people that were erased, erased again: ${erased}.`] : []),
      "All sessions are ended: everybody signs in again. The read models are built at the next start.",
      "",
    ].join("\n"),
  );
}
