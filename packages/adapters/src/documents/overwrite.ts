import type { Row } from "@daybook/projections";
import type { DocumentStore } from "./port.ts";

/** Writes bookkeeping whatever stood there before; of two at once, one is written. */
export async function overwrite(
  documents: DocumentStore,
  collection: string,
  row: Row,
): Promise<void> {
  const after = (await documents.get(collection, row.id))?.guard;
  await documents.write(collection, [{ id: row.id, row, guard: (after ?? 0) + 1, after }]);
}
