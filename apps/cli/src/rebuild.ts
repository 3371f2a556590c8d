import { lockFolder, type StoreSettings, usesFolder } from "@daybook/adapters";
import {
  type App,
  openApp,
  type RebuildRow,
  readRebuild,
  requestRebuild,
  startRunner,
} from "@daybook/application";
import { catalogue } from "@daybook/domain";
import { Interrupted } from "./failure.ts";
import { requireInstallation } from "./installation.ts";
import type { Output } from "./output.ts";
import type { Progress } from "./progress.ts";
import { projectionsNamed } from "./verify.ts";

export type RebuildParts = {
  config: StoreSettings;
  now: () => Date;
  output: Output;
  progress: Progress;
  /** Says a line beside the output. */
  note: (line: string) => void;
  interruption: () => AbortSignal;
};

/** How often it is looked how far the rebuild is. */
const LOOK_MS = 200;

/** Runs the projections here, where nobody else does. */
async function runHere(app: App, config: StoreSettings, note: (line: string) => void) {
  if (!usesFolder(config)) {
    note("a worker builds it, as soon as one runs, and the old one goes on serving meanwhile");
    return async () => {};
  }
  let unlock: () => void;
  try {
    unlock = lockFolder(config.data);
  } catch {
    note("the running server builds it, and goes on serving the old one meanwhile");
    return async () => {};
  }
  const onError = (error: unknown) => note(String((error as Error).message));
  const runner = await startRunner({ ...app, catalogue, onError });
  return async () => {
    await runner.stop();
    unlock();
  };
}

/**
 * Builds a projection again from the log, beside the one that serves, has it compared with a replay,
 * and switched. Throws where that failed; what served before then goes on.
 */
export async function runRebuild(name: string, parts: RebuildParts): Promise<void> {
  const { config, now, output, progress, note } = parts;
  projectionsNamed([name]);
  requireInstallation(config);
  const signal = parts.interruption();
  const app = await openApp(config, now);
  try {
    await requestRebuild(app.documents, name);
    const stop = await runHere(app, config, note);
    try {
      const done = await waitFor(app, name, signal, progress);
      if (done.state === "failed") throw new Error(`${name} was not switched: ${done.error}`);
      await output.write(
        `${name} was built again and serves: ${done.documents} documents, checksum ${done.checksum}\n`,
      );
    } finally {
      await stop();
    }
  } finally {
    await app.close();
  }
}

async function waitFor(
  { documents }: App,
  name: string,
  signal: AbortSignal,
  progress: Progress,
): Promise<RebuildRow> {
  try {
    for (;;) {
      if (signal.aborted)
        throw new Interrupted(`${name} is built on by the server, where one runs`);
      const row = await readRebuild(documents, name);
      if (row?.state === "done" || row?.state === "failed") return row;
      if (row)
        progress.show({
          ...{ task: `Building ${name}`, unit: "events", done: row.position, total: row.head },
        });
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  } finally {
    progress.wipe();
  }
}
