import type { Row } from "@daybook/projections";
import type { DocumentStore } from "../documents/port.ts";
import { KEYS } from "./keyring.ts";

/** Which log and which server key the state beside them belongs to. */
export type Identity = { logId: string; serverKey: string };
type IdentityRow = Row & Identity;

const COLLECTION = "installation";
const ID = "identity";

/** What the state was recorded to belong to; nothing before the first opening has come to its end. */
export async function readIdentity(state: DocumentStore): Promise<Identity | undefined> {
  await state.ensure({ name: COLLECTION, indexes: [] });
  return (await state.get<IdentityRow>(COLLECTION, ID))?.row ?? undefined;
}

/** Records it once: of two processes that open a new folder at once, both record the same. */
export async function recordIdentity(state: DocumentStore, identity: Identity): Promise<void> {
  const row: IdentityRow = { id: ID, organization: "", ...identity };
  await state.write(COLLECTION, [{ id: ID, row, guard: 0, after: undefined }]);
}

/** Whether a key was ever made; one that was erased counts too. */
export async function holdsKeys(state: DocumentStore): Promise<boolean> {
  if (!(await state.collections()).includes(KEYS)) return false;
  await state.ensure({ name: KEYS, indexes: [] });
  const query = { where: {}, sort: [], direction: "ascending", limit: 1 } as const;
  return (await state.find(KEYS, query)).rows.length > 0;
}
