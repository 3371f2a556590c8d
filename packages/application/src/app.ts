import { openStores, type StoreSettings, type Stores } from "@daybook/adapters";
import { openSessions, type Sessions } from "@daybook/auth";
import { catalogue } from "@daybook/domain";
import { projections } from "@daybook/projections";
import { createCommandPath, type Execute } from "./commands/command-path.ts";
import { streamStates } from "./commands/states.ts";
import { type TakeTurns, turns } from "./commands/turns.ts";
import { watched } from "./commands/watched.ts";
import { type Stopwatch, stopwatch } from "./durations.ts";
import { type InlineViews, inlineViews } from "./views/inline.ts";
import { openViews, type Views } from "./views/views.ts";

/** What every use of the product needs: the stores, the command path, the views, the sessions. */
export type App = Stores & {
  views: Views;
  inline: InlineViews;
  execute: Execute;
  sessions: Sessions;
  /** How long commands and queries took, for metrics. */
  took: { commands: Stopwatch; queries: Stopwatch };
  now: () => Date;
  /** For requests of several steps about one thing, that must not run into each other. */
  takeTurns: TakeTurns;
};

/** Opens an installation. The clock is the caller's, so that tests can pass their own. */
export const openApp = async (config: StoreSettings, now: () => Date): Promise<App> =>
  appOver(await openStores(config), now);

/** The product over stores that are open already. */
export async function appOver(stores: Stores, now: () => Date): Promise<App> {
  const views = await openViews(stores.events, stores.documents, projections, stores);
  const inline = inlineViews(stores.events, stores.documents, views, catalogue);
  const states = streamStates(stores.events, stores.documents);
  const execute = createCommandPath(stores.events, states, inline, catalogue, now);
  const took = { commands: stopwatch(), queries: stopwatch() };
  return {
    ...stores,
    views,
    inline,
    execute: watched(execute, took.commands),
    took,
    sessions: await openSessions(stores.state),
    now,
    takeTurns: turns(),
  };
}
