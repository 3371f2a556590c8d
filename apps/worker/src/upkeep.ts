import type { App } from "@daybook/application";
import { signIn } from "@daybook/domain";
import { type Sampled, startSampling } from "./sampling.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export type Upkeep = { sampled: () => Sampled[]; stop: () => Promise<void> };

/** Deletes what has a term to it, and compares read models with the log. */
export function startUpkeep(
  app: App,
  signInDays: number,
  onError: (error: unknown) => void,
): Upkeep {
  const sampling = startSampling(app, onError);

  async function keep() {
    const before = new Date(app.now().getTime() - signInDays * DAY_MS);
    await app.events.deleteBefore(signIn.stream, before);
    await app.sessions.endExpired();
  }
  keep().catch(onError);
  const keeping = setInterval(() => keep().catch(onError), HOUR_MS).unref();

  return {
    sampled: sampling.status,
    stop: async () => {
      clearInterval(keeping);
      sampling.stop();
    },
  };
}
