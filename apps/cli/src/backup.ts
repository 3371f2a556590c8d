import { resolve } from "node:path";
import { makeBackup, type StoreSettings, type Work } from "@daybook/adapters";
import { Interrupted } from "./failure.ts";
import { requireFolder, requireInstallation } from "./installation.ts";
import type { Output } from "./output.ts";
import type { Progress } from "./progress.ts";
import { safe } from "./text.ts";

export type LongWorkParts = {
  config: StoreSettings;
  now: () => Date;
  output: Output;
  progress: Progress;
  /** From the first call on, the operator's Ctrl-C aborts the signal instead of the process. */
  interruption: () => AbortSignal;
};

/** Runs what takes long, with its progress shown. Throws Interrupted where it was broken off. */
export async function longWork<T>(
  { progress, interruption }: Pick<LongWorkParts, "progress" | "interruption">,
  nothing: string,
  run: (work: Work) => Promise<T>,
): Promise<T> {
  const signal = interruption();
  try {
    return await run({ progress: progress.show, signal });
  } catch (error) {
    throw signal.aborted ? new Interrupted(nothing) : error;
  } finally {
    progress.wipe();
  }
}

/** Makes a back-up of a stopped or running installation. */
export async function runBackup(
  folder: string,
  version: string,
  parts: LongWorkParts,
): Promise<void> {
  const { config, now, output } = parts;
  requireFolder(config);
  requireInstallation(config);
  const target = resolve(folder);
  const { events, head, files } = await longWork(parts, "no back-up was made", (work) =>
    makeBackup({ ...work, config, target, version, now }),
  );
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const withKey = files.some(({ name }) => name === "server.key");
  await output.write(
    [
      `Backed up to ${safe(target)}, and read to its end: ${events} events up to position ${head}, ${(bytes / 1e6).toFixed(1)} MB.`,
      withKey
        ? "It holds the server's key, which opens everything in it: keep it safe."
        : "It does not hold DAYBOOK_KEY, without which nobody's data can be read: keep that apart.",
      "",
    ].join("\n"),
  );
}
