import { DatabaseSync } from "node:sqlite";
import type { Setting } from "../row.ts";
import { type BareRow, quoted, sameTables } from "./sqlite.ts";

/** Events in a transaction of their own: more at once make it no faster. */
const BATCH = 10_000;

/** The documents of the first table, as the product made them, by id. */
function documentsOf(file: string, table: string): Map<string, BareRow> {
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare(`SELECT * FROM ${quoted(table)}`).all() as BareRow[];
  db.close();
  return new Map(rows.map((row) => [String(row.id), row]));
}

/**
 * Events a second when bare SQLite reads a log from its start, parses every event, and writes the
 * documents of each batch into every table: everything a replay does but fold.
 */
export function scanAndUpsert(
  setting: Setting,
  log: string,
  made: string,
  tables: readonly string[],
): number {
  const documents = documentsOf(made, tables[0] ?? "");
  // What a replay that was cut off did not come to looks like what it did.
  const any: BareRow = documents.values().next().value ?? {};
  const names = Object.keys(any);
  const db = sameTables(setting, made, tables, "NORMAL");
  const upserts = tables.map((table) =>
    db.prepare(`INSERT INTO ${quoted(table)} (${names.map(quoted)}) VALUES (${names.map(() => "?")})
      ON CONFLICT DO UPDATE SET ${names.map((name) => `${quoted(name)} = excluded.${quoted(name)}`)}`),
  );
  const events = new DatabaseSync(log, { readOnly: true });
  const next = events.prepare("SELECT * FROM events WHERE position > ? ORDER BY position LIMIT ?");
  const startedAt = performance.now();
  let scanned = 0;
  for (let position = 0, read = BATCH; read === BATCH; ) {
    const batch = next.all(position, BATCH);
    read = batch.length;
    scanned += read;
    position = Number(batch.at(-1)?.position ?? position);
    const parsed = batch.map(({ stream, data, meta }) => ({
      id: String(stream).slice(String(stream).indexOf("-") + 1),
      data: JSON.parse(String(data)),
      meta: JSON.parse(String(meta)),
    }));
    db.exec("BEGIN");
    for (const id of new Set(parsed.map((event) => event.id))) {
      const values = Object.values(documents.get(id) ?? { ...any, id });
      for (const upsert of upserts) upsert.run(...values);
    }
    db.exec("COMMIT");
  }
  const rate = scanned / ((performance.now() - startedAt) / 1000);
  events.close();
  db.close();
  return rate;
}
