import { ConfigError } from "../config.ts";
import type { DocumentStore } from "../documents/port.ts";
import type { Places } from "../examine.ts";

/** The collection is the mark: it is there as long as the copy is not complete. */
const MIGRATING = "migrating";

/** From here on nothing but a migration opens the installation, also where this one is killed. */
export const markIncomplete = (state: DocumentStore): Promise<void> =>
  state.ensure({ name: MIGRATING, indexes: [] });

export const markComplete = (state: DocumentStore): Promise<void> => state.drop(MIGRATING);

export const isMarked = async (state: DocumentStore): Promise<boolean> =>
  (await state.collections()).includes(MIGRATING);

/** Throws where a migration has yet to come to its end. */
export async function requireMigrated({ state: place }: Places, state: DocumentStore) {
  if (await isMarked(state))
    throw new ConfigError(
      `a migration to ${place} was cut off: run  npx daybook migrate  again, it goes on where it was`,
    );
}
