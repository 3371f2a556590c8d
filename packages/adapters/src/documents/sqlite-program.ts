import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { Collection, GuardedWrite } from "./port.ts";

/** `written` names who wrote last, and counts how often that was somebody else than before. */
export const documentTables = `
  CREATE TABLE IF NOT EXISTS collections (name TEXT PRIMARY KEY, fields TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS written (writer TEXT NOT NULL, handovers INTEGER NOT NULL);
  INSERT INTO written SELECT '', 0 WHERE NOT EXISTS (SELECT 1 FROM written)`;

export type DocumentRequest =
  /** Under which name this writer writes from now on. */
  | { kind: "sign"; writer: string }
  | { kind: "ensure"; collection: Collection }
  | { kind: "write"; collection: string; writes: EncodedWrite[] }
  | { kind: "remove"; collection: string; ids: readonly string[] }
  | { kind: "empty"; collection: string; limit: number }
  | { kind: "drop"; collection: string };

export type EncodedWrite = Omit<GuardedWrite, "row"> & {
  doc: string | null;
  /** The values of the collection's indexed fields, in its order. */
  fields: SQLInputValue[];
};

/** Identifiers are the product's own, but a quote in one must still not end it. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Indexed values live in columns of their own: reading them out of JSON costs five times more. */
export const column = (field: string): string => quoted(`_${field}`);

export const indexedFields = ({ indexes }: Collection): string[] => [...new Set(indexes.flat())];

/** Runs on the writer's thread. */
export function open(db: DatabaseSync) {
  const fieldsOf = db.prepare("SELECT fields FROM collections WHERE name = ?");
  const register = db.prepare(`INSERT INTO collections VALUES (?, ?)
    ON CONFLICT DO UPDATE SET fields = excluded.fields`);
  const statements = new Map<string, { insert: StatementSync; update: StatementSync }>();

  const registered = (name: string): string[] => {
    const row = fieldsOf.get(name) as { fields: string } | undefined;
    return row ? JSON.parse(row.fields) : [];
  };

  function ensure(collection: Collection) {
    const table = quoted(collection.name);
    db.exec(`CREATE TABLE IF NOT EXISTS ${table}
      (id TEXT PRIMARY KEY, guard INTEGER NOT NULL, doc TEXT)`);
    const known = registered(collection.name);
    const fields = [...new Set([...known, ...indexedFields(collection)])];
    for (const field of fields.filter((one) => !known.includes(one))) {
      db.exec(`ALTER TABLE ${table} ADD COLUMN ${column(field)}`);
      // As a write encodes it: what cannot be ordered (an object, a list, null) is empty text.
      db.prepare(`UPDATE ${table}
        SET ${column(field)} = coalesce((SELECT atom FROM json_each(doc) WHERE key = ?), '')`).run(
        field,
      );
    }
    for (const index of collection.indexes.slice(0, collection.indexed)) {
      const name = quoted(`${collection.name} ${index.join(" ")}`);
      const columns = [...index.map(column), "id"].join();
      // Tombstones stay out of the index: a deleted document costs a list nothing.
      db.exec(`CREATE INDEX IF NOT EXISTS ${name} ON ${table} (${columns}) WHERE doc IS NOT NULL`);
    }
    register.run(collection.name, JSON.stringify(fields));
    statements.delete(collection.name);
    return fields;
  }

  function writing(name: string) {
    const known = statements.get(name);
    if (known) return known;
    const columns = registered(name).map(column);
    const made = {
      insert: db.prepare(`INSERT INTO ${quoted(name)} (${["id", "guard", "doc", ...columns]})
        VALUES (${["?", "?", "?", ...columns.map(() => "?")]}) ON CONFLICT DO NOTHING`),
      update: db.prepare(`UPDATE ${quoted(name)}
        SET ${["guard", "doc", ...columns].map((one) => `${one} = ?`)}
        WHERE id = ? AND guard = ?`),
    };
    statements.set(name, made);
    return made;
  }

  function write(name: string, writes: EncodedWrite[]): string[] {
    const { insert, update } = writing(name);
    return writes
      .filter(({ id, guard, after, doc, fields }) => {
        const { changes } =
          after === undefined
            ? insert.run(id, guard, doc, ...fields)
            : update.run(guard, doc, ...fields, id, after);
        return changes === 0;
      })
      .map(({ id }) => id);
  }

  function remove(name: string, ids: readonly string[]) {
    const one = db.prepare(`DELETE FROM ${quoted(name)} WHERE id = ?`);
    for (const id of ids) one.run(id);
  }

  const isThere = (name: string): boolean => fieldsOf.get(name) !== undefined;

  const indexesOf = db.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
  );

  /** Takes away an index or so many documents; whether something is left. */
  function empty(name: string, limit: number): boolean {
    if (!isThere(name)) return false;
    const index = indexesOf.get(name) as { name: string } | undefined;
    if (index) {
      db.exec(`DROP INDEX ${quoted(index.name)}`);
      return true;
    }
    const table = quoted(name);
    const { changes } = db
      .prepare(`DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} LIMIT ?)`)
      .run(limit);
    return Number(changes) === limit;
  }

  function drop(name: string) {
    db.exec(`DROP TABLE IF EXISTS ${quoted(name)}`);
    db.prepare("DELETE FROM collections WHERE name = ?").run(name);
    statements.delete(name);
  }

  let me = "";
  const signed = db.prepare(
    "UPDATE written SET writer = ?1, handovers = handovers + 1 WHERE writer <> ?1",
  );

  return (request: DocumentRequest) => {
    if (request.kind === "sign") me = request.writer;
    else signed.run(me);
    switch (request.kind) {
      case "sign":
        return undefined;
      case "ensure":
        return ensure(request.collection);
      case "write":
        return write(request.collection, request.writes);
      case "remove":
        return remove(request.collection, request.ids);
      case "empty":
        return empty(request.collection, request.limit);
      case "drop":
        return drop(request.collection);
    }
  };
}
