import { join } from "node:path";
import {
  type EventStore,
  fileLedger,
  openKeyring,
  openSqliteDocuments,
  openSqliteEventStore,
  sealed,
  serverKeys,
} from "@daybook/adapters";
import type { Catalogue } from "@daybook/domain";

export const openPlain = (folder: string): Promise<EventStore> =>
  openSqliteEventStore(join(folder, "events.db"));

export const serverKey = serverKeys(Buffer.alloc(32, 7));

/** The log of a folder with its keys, as an installation has them. */
export async function openSealed(folder: string, catalogue: Catalogue): Promise<EventStore> {
  const state = await openSqliteDocuments(join(folder, "state.db"), "FULL");
  const store = await openPlain(folder);
  return {
    ...sealed(store, await openKeyring(state, serverKey, fileLedger(folder)), catalogue),
    close: async () => {
      await store.close();
      await state.close();
    },
  };
}
