import type { Stores } from "@daybook/adapters";
import { CHECKPOINTS, type CheckpointRow, collectionOf, PARKED } from "@daybook/application";
import type { RecordedEvent } from "@daybook/domain";
import { foldRow, keyOf, type Projection, projections, type Row } from "@daybook/projections";

/** The documents of a projection, as a plain fold of the log makes them. */
function folded(projection: Projection, log: readonly RecordedEvent[]): Map<string, Row | null> {
  const rows = new Map<string, Row | null>();
  for (const event of log) {
    const key = keyOf(projection, event);
    if (key !== undefined) rows.set(key, foldRow(projection, rows.get(key), event));
  }
  return rows;
}

/**
 * How the read models differ from a plain fold of the log, document by document; empty where they are
 * equal. `head` is how far the log goes: all of them must have come as far.
 */
export async function differencesFromLog(
  { documents }: Pick<Stores, "documents">,
  log: readonly RecordedEvent[],
  head: number,
): Promise<string[]> {
  const differences: string[] = [];
  for (const projection of projections) {
    const name = collectionOf(projection);
    const checkpoint = (await documents.get<CheckpointRow>(CHECKPOINTS, name))?.row;
    if (checkpoint?.position !== head)
      differences.push(`${name} is at ${checkpoint?.position}, the log at ${head}`);
    const expected = folded(projection, log);
    const stored = await documents.getMany(name, [...expected.keys()]);
    const found = new Map(stored.map(({ id, row }) => [id, JSON.stringify(sorted(row))]));
    for (const [id, row] of expected) {
      const wanted = JSON.stringify(sorted(row));
      if (found.get(id) !== wanted)
        differences.push(`${name} ${id} is ${found.get(id)}, folded ${wanted}`);
    }
    const there = [...expected.values()].filter((row) => row !== null).length;
    const counted = await documents.count(name, { where: {} }, Number.MAX_SAFE_INTEGER);
    if (counted !== there) differences.push(`${name} has ${counted} documents, folded ${there}`);
  }
  const parked = await documents.count(PARKED, { where: {} }, Number.MAX_SAFE_INTEGER);
  if (parked > 0) differences.push(`${parked} documents are parked`);
  return differences;
}

/** The same with its fields in order, so that equal values are equal as text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(fields.map(([name, field]) => [name, sorted(field)]));
}
