import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { v7 } from "uuid";
import type { Setting } from "../row.ts";

/** Bare SQLite on tables of the product: same columns, same indexes, same rows, nothing around it. */

export type BareRow = Record<string, SQLInputValue>;

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A new file with tables as they are in a file of the product. */
export function sameTables(
  { folder }: Pick<Setting, "folder">,
  of: string,
  tables: readonly string[],
  synchronous: "FULL" | "NORMAL",
): DatabaseSync {
  const from = new DatabaseSync(of, { readOnly: true });
  const made = from.prepare("SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL");
  const statements = tables.flatMap((table) => made.all(table).map(({ sql }) => String(sql)));
  from.close();
  const db = new DatabaseSync(join(mkdtempSync(join(folder, "floor-")), "floor.db"));
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}`);
  db.exec(statements.join(";"));
  return db;
}

/** What inserts a row of this shape. */
export function inserting(db: DatabaseSync, table: string, like: BareRow) {
  const names = Object.keys(like);
  const insert = db.prepare(
    `INSERT INTO ${quoted(table)} (${names.map(quoted)}) VALUES (${names.map(() => "?")})`,
  );
  return (row: BareRow) => insert.run(...names.map((name) => row[name] ?? null));
}

/** Events that the product has stored, without their places: the newest of the log. */
export function storedEvents(file: string, limit: number): BareRow[] {
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare("SELECT * FROM events ORDER BY position DESC LIMIT ?").all(limit);
  db.close();
  return rows.map(({ position: _, ...row }) => row as BareRow);
}

/** As many events as asked for: those given again and again, under new ids and names of streams. */
export const likeThese = (events: readonly BareRow[], count: number): BareRow[] =>
  Array.from({ length: count }, (_, at) => ({
    ...events[at % events.length],
    id: v7(),
    stream: `${events[at % events.length]?.stream}-${Math.floor(at / events.length)}`,
  }));

/** Events a second, so many in a transaction, each made durable. */
export function insertRate(
  db: DatabaseSync,
  rows: readonly BareRow[],
  batch: number,
  forMs: number,
) {
  const insert = inserting(db, "events", rows[0] as BareRow);
  const startedAt = performance.now();
  let done = 0;
  while (done < rows.length && performance.now() - startedAt < forMs) {
    db.exec("BEGIN IMMEDIATE");
    for (const row of rows.slice(done, done + batch)) insert(row);
    db.exec("COMMIT");
    done += batch;
  }
  return Math.min(done, rows.length) / ((performance.now() - startedAt) / 1000);
}
