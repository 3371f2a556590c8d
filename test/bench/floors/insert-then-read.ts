import { DatabaseSync } from "node:sqlite";
import type { Setting } from "../row.ts";
import { type BareRow, inserting, quoted, sameTables } from "./sqlite.ts";

/** How long each document of a table takes from its writing to having been read, in milliseconds. */
export function insertThenRead(setting: Setting, made: string, table: string): number[] {
  const from = new DatabaseSync(made, { readOnly: true });
  const documents = from.prepare(`SELECT * FROM ${quoted(table)}`).all() as BareRow[];
  from.close();
  const db = sameTables(setting, made, [table], "NORMAL");
  const insert = inserting(db, table, documents[0] as BareRow);
  const beside = new DatabaseSync(db.location() ?? "", { readOnly: true });
  const read = beside.prepare(`SELECT * FROM ${quoted(table)} WHERE id = ?`);
  const took = documents.map((document) => {
    const startedAt = performance.now();
    insert(document);
    read.get(String(document.id));
    return performance.now() - startedAt;
  });
  beside.close();
  db.close();
  return took;
}
