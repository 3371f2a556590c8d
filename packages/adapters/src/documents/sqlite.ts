import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { Condition, Page, Query, Row, Where } from "@daybook/projections";
import { openWriter } from "../sqlite/writer.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { Document, DocumentStore, GuardedWrite } from "./port.ts";
import { column, documentTables, quoted } from "./sqlite-program.ts";

type DocumentRow = { id: string; guard: number; doc: string | null };

const parse = <R extends Row>({ id, guard, doc }: DocumentRow): Document<R> => ({
  id,
  guard,
  row: doc === null ? null : (JSON.parse(doc) as R),
});

/** Read at once: about a millisecond, which other requests can wait for. */
const SCAN_PAGE = 500;
/** Deleted in one transaction, likewise. */
const DROP_STEP = 1000;

/** Indexed values are never null: a keyset could not pass over one. */
const stored = (value: unknown): SQLInputValue =>
  typeof value === "number" || typeof value === "string"
    ? value
    : typeof value === "boolean"
      ? Number(value)
      : "";

/** The last code point: what starts with the prefix is below it. */
const LAST = "\u{10FFFF}";

function conditionSql(field: string, condition: Condition): [string, SQLInputValue[]] {
  const name = column(field);
  if (typeof condition !== "object") return [`${name} = ?`, [stored(condition)]];
  if ("in" in condition)
    return [`${name} IN (${condition.in.map(() => "?")})`, condition.in.map(stored)];
  if ("prefix" in condition)
    return [`${name} >= ? AND ${name} < ?`, [condition.prefix, condition.prefix + LAST]];
  const bounds = Object.entries({ ">=": condition.gte, "<": condition.lt }).filter(
    ([, value]) => value !== undefined,
  );
  return [
    bounds.map(([operator]) => `${name} ${operator} ?`).join(" AND ") || "TRUE",
    bounds.map(([, value]) => stored(value)),
  ];
}

function whereSql({ where, anyOf }: Pick<Query, "where" | "anyOf">): [string, SQLInputValue[]] {
  const all = (conditions: Where): [string, SQLInputValue[]] => {
    const parts = Object.entries(conditions).map(([field, one]) => conditionSql(field, one));
    return [
      parts.map(([sql]) => sql).join(" AND ") || "TRUE",
      parts.flatMap(([, values]) => values),
    ];
  };
  const [sql, values] = all(where);
  const any = (anyOf ?? []).map(all);
  const either = any.length > 0 ? ` AND (${any.map(([one]) => `(${one})`).join(" OR ")})` : "";
  return [`doc IS NOT NULL AND ${sql}${either}`, [...values, ...any.flatMap(([, given]) => given)]];
}

/**
 * The embedded document store. `FULL` for state that is not derived, `NORMAL` for read models,
 * which can be built again.
 */
export async function openSqliteDocuments(
  file: string,
  synchronous: "FULL" | "NORMAL",
): Promise<DocumentStore> {
  const writer = await openWriter({
    file,
    program: new URL("./sqlite-program.ts", import.meta.url).href,
    synchronous,
    migration: documentTables,
  });
  const db = new DatabaseSync(file, { readOnly: true });
  const fieldsOf = new Map<string, string[]>();
  const statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();

  function prepare(sql: string) {
    const statement = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }

  function encode({ row, ...write }: GuardedWrite, fields: string[]) {
    return {
      ...write,
      doc: row && JSON.stringify(row),
      fields: fields.map((field) => stored((row as Record<string, unknown> | null)?.[field])),
    };
  }

  async function find<R extends Row>(collection: string, query: Query): Promise<Page<R>> {
    const { sort, direction, limit } = query;
    const [where, values] = whereSql(query);
    const order = [...sort.map(column), "id"];
    const down = direction === "descending";
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, query);
    const keyset = after ? ` AND (${order}) ${down ? "<" : ">"} (${order.map(() => "?")})` : "";
    const sql = `SELECT id, guard, doc FROM ${quoted(collection)} WHERE ${where}${keyset}
      ORDER BY ${order.map((one) => `${one} ${down ? "DESC" : "ASC"}`)} LIMIT ?`;
    const found = prepare(sql).all(...values, ...(after ?? []), limit + 1) as DocumentRow[];
    const rows = found.slice(0, limit).map((one) => parse<R>(one).row as R);
    const last = rows.at(-1) as Record<string, unknown> | undefined;
    const more = found.length > limit && last;
    const key = more ? [...sort.map((field) => stored(last[field])), last.id as string] : [];
    return { rows, cursor: more ? encodeCursor(key as (string | number)[], query) : undefined };
  }

  return {
    ensure: async (collection) => {
      const fields = await writer.run<string[]>({ kind: "ensure", collection });
      fieldsOf.set(collection.name, fields);
    },
    get: async (collection, id) => {
      const sql = `SELECT id, guard, doc FROM ${quoted(collection)} WHERE id = ?`;
      const found = prepare(sql).get(id) as DocumentRow | undefined;
      return found && parse(found);
    },
    getMany: async (collection, ids) => {
      const sql = `SELECT id, guard, doc FROM ${quoted(collection)}
        WHERE id IN (SELECT value FROM json_each(?))`;
      const found = prepare(sql).all(JSON.stringify(ids)) as DocumentRow[];
      return found.map((one) => parse(one));
    },
    scan: async function* <R extends Row>(collection: string) {
      for (let after = ""; ; ) {
        const sql = `SELECT id, guard, doc FROM ${quoted(collection)} WHERE id > ? ORDER BY id LIMIT ?`;
        const found = prepare(sql).all(after, SCAN_PAGE) as DocumentRow[];
        for (const one of found) yield parse<R>(one);
        after = found.at(-1)?.id ?? after;
        if (found.length < SCAN_PAGE) return;
        await new Promise(setImmediate);
      }
    },
    find,
    count: async (collection, query, cap) => {
      const [where, values] = whereSql(query);
      const sql = `SELECT count(*) AS n FROM
        (SELECT 1 FROM ${quoted(collection)} WHERE ${where} LIMIT ?)`;
      return (prepare(sql).get(...values, cap) as { n: number }).n;
    },
    write: async (collection, writes) => {
      const fields = fieldsOf.get(collection);
      if (!fields) throw new Error(`the collection ${collection} was not ensured`);
      return writer.run({
        kind: "write",
        collection,
        writes: writes.map((write) => encode(write, fields)),
      });
    },
    remove: (collection, ids) => writer.run({ kind: "remove", collection, ids }),
    drop: async (collection) => {
      statements.clear();
      while (await writer.run({ kind: "empty", collection, limit: DROP_STEP }));
      await writer.run({ kind: "drop", collection });
      fieldsOf.delete(collection);
    },
    collections: async () =>
      (prepare("SELECT name FROM collections ORDER BY name").all() as { name: string }[]).map(
        ({ name }) => name,
      ),
    ping: async () => {
      prepare("SELECT 1 FROM collections").get();
    },
    close: async () => {
      await writer.close();
      db.close();
    },
  };
}
