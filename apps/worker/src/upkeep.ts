import { type App, deleteBefore } from "@daybook/application";
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
  /** The day, counted from 1970, up to which this process has deleted sign-ins. */
  let deleted = 0;

  async function keepSignIns() {
    // By whole days, so that what is counted by the hour goes as a whole; once for each, because
    // documents are looked through.
    const days = Math.floor(app.now().getTime() / DAY_MS) - signInDays;
    if (days === deleted) return;
    await deleteBefore(app, signIn.stream, new Date(days * DAY_MS));
    deleted = days;
  }

  async function keep() {
    await keepSignIns();
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
