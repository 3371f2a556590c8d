import { StoreUnavailable } from "@daybook/adapters";
import {
  type App,
  createCommandPath,
  inlineViews,
  streamStates,
  turns,
} from "@daybook/application";
import { catalogue } from "@daybook/domain";
import type { Gate } from "./lockstep.ts";

/** What may go wrong with an append, and whether it is stored all the same. */
export type Fault = { what: "died" | "unanswered"; stored: boolean };

/** The program has died: from then on it does nothing any more. */
export class Died extends Error {
  override readonly name = "Died";
}

/**
 * The application as another process on the same stores. It waits at the gate before each read and
 * write, and its appends meet with the faults, one each; none where there is nothing left.
 */
export function faultyApp(app: App, gate: Gate, nextFault: () => Fault | undefined): App {
  let isDead = false;
  async function pass() {
    await gate();
    if (isDead) throw new Died();
  }
  function fail({ what }: Fault): never {
    if (what === "unanswered") throw new StoreUnavailable("as the test asked");
    isDead = true;
    throw new Died();
  }
  const events: App["events"] = {
    ...app.events,
    append: async (...asked) => {
      await pass();
      const fault = nextFault();
      if (fault && !fault.stored) fail(fault);
      const appended = await app.events.append(...asked);
      if (fault) fail(fault);
      return appended;
    },
    readStream: async function* (...asked) {
      await pass();
      yield* app.events.readStream(...asked);
    },
  };
  const documents: App["documents"] = {
    ...app.documents,
    get: async (...asked) => {
      await pass();
      return app.documents.get(...asked);
    },
    write: async (...asked) => {
      await pass();
      return app.documents.write(...asked);
    },
  };
  const inline = inlineViews(events, documents, app.views, catalogue);
  const states = streamStates(events, documents);
  const execute = createCommandPath(events, states, inline, catalogue, app.now);
  return { ...app, events, documents, inline, execute, takeTurns: turns() };
}
