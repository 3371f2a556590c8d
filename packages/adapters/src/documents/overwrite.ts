import type { Row } from "@daybook/projections";
import type { DocumentStore } from "./port.ts";

/** Writes bookkeeping whatever stood there before; of two at once, one is written. */
export async function overwrite(
  documents: DocumentStore,
  collection: string,
  rows: readonly Row[],
): Promise<void> {
  const ids = rows.map(({ id }) => id);
  const found = new Map((await documents.getMany(collection, ids)).map((one) => [one.id, one]));
  const writes = rows.map((row) => {
    const after = found.get(row.id)?.guard;
    return { id: row.id, row, guard: (after ?? 0) + 1, after };
  });
  await documents.write(collection, writes);
}
