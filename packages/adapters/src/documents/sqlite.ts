import { randomUUID } from "node:crypto";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { Condition, Filter, Page, Query, Row, Where } from "@daybook/projections";
import { GIVEN } from "../sqlite/sql.ts";
import { openWriter } from "../sqlite/writer.ts";
import { decodeCursor, pageOf } from "./cursor.ts";
import { indexedValue, rangeOf } from "./indexed-values.ts";
import type { Document, DocumentStore, GuardedWrite } from "./port.ts";
import { rememberedReads } from "./remembered-reads.ts";
import { column, type DocumentRequest, documentTables, quoted } from "./sqlite-program.ts";

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

type Sql = [string, SQLInputValue[]];

/**
 * `passed` is the side of a range that a cursor stands on. Its bound says no more than the cursor,
 * but the planner would begin there and pass over every page before: the plus keeps it from that.
 */
function conditionSql(field: string, condition: Condition, passed?: ">=" | "<"): Sql {
  const name = column(field);
  if (typeof condition !== "object") return [`${name} = ?`, [indexedValue(condition)]];
  if ("in" in condition)
    return [`${name} IN (${condition.in.map(() => "?")})`, condition.in.map(indexedValue)];
  const { gte, lt } = rangeOf(condition);
  const bounds = Object.entries({ ">=": gte, "<": lt }).filter(([, value]) => value !== undefined);
  const plus = (operator: string) => (operator === passed ? "+" : "");
  return [
    bounds.map(([operator]) => `${plus(operator)}${name} ${operator} ?`).join(" AND ") || "TRUE",
    bounds.map(([, value]) => indexedValue(value)),
  ];
}

function whereSql(where: readonly Where[], passed?: ">=" | "<"): Sql {
  const parts = where.flatMap((conditions) =>
    Object.entries(conditions).map(([field, one]) => conditionSql(field, one, passed)),
  );
  return [
    ["doc IS NOT NULL", ...parts.map(([sql]) => sql)].join(" AND "),
    parts.flatMap(([, values]) => values),
  ];
}

/** A statement of more parts is slow to prepare: past this what is found is sorted. */
const MERGED_MAX = 50;

/**
 * One condition for each combination of the values of `in`: each is in the order of an index, and
 * SQLite merges them. An `in` left whole would be read to its end and sorted, for one page of it.
 */
function separate(where: Where): Where[] {
  const parts = Object.entries(where).reduce<Where[]>(
    (found, [field, one]) => {
      const each = typeof one === "object" && "in" in one ? [...new Set(one.in)] : [one];
      return found.flatMap((part) => each.map((value) => ({ ...part, [field]: value })));
    },
    [{}],
  );
  return parts.length > 0 && parts.length <= MERGED_MAX ? parts : [where];
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
  const name = randomUUID();
  await writer.run<void>({ kind: "sign", writer: name } satisfies DocumentRequest);
  const db = new DatabaseSync(file, { readOnly: true });
  const remembered = rememberedReads(db, name);
  const fieldsOf = new Map<string, string[]>();
  const statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();

  function prepare(sql: string) {
    const statement = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }

  async function run<T>(
    request: DocumentRequest & { collection: string },
    ids?: readonly string[],
  ): Promise<T> {
    try {
      return await writer.run<T>(request, ids?.length);
    } finally {
      remembered.written(request.collection, ids);
    }
  }

  function encode({ row, ...write }: GuardedWrite, fields: string[]) {
    return {
      ...write,
      doc: row && JSON.stringify(row),
      fields: fields.map((field) => indexedValue((row as Record<string, unknown> | null)?.[field])),
    };
  }

  function find<R extends Row>(collection: string, query: Query): Page<R> {
    const { sort, direction, limit } = query;
    const order = [...sort.map(column), "id"];
    const down = direction === "descending";
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, query);
    const keyset = after ? ` AND (${order}) ${down ? "<" : ">"} (${order.map(() => "?")})` : "";
    const parts = separate(query.where).map((one) => whereSql([one], after && (down ? "<" : ">=")));
    const from = `SELECT ${["guard", "doc", ...order]} FROM ${quoted(collection)}`;
    const sql = `${parts.map(([where]) => `${from} WHERE ${where}${keyset}`).join(" UNION ALL ")}
      ORDER BY ${order.map((one) => `${one} ${down ? "DESC" : "ASC"}`)} LIMIT ${GIVEN}`;
    const values = parts.flatMap(([, given]) => [...given, ...(after ?? [])]);
    const found = prepare(sql).all(...values, limit + 1) as DocumentRow[];
    return pageOf(
      found.map((one) => parse<R>(one).row as R),
      query,
    );
  }

  function count(collection: string, { where, anyOf }: Filter, cap: number): number {
    // Each with all that holds for it: only so does the planner take an index for each.
    const either = (anyOf?.length ? anyOf : [{}]).map((one) => whereSql([where, one]));
    const sql = `SELECT count(*) AS n FROM (SELECT 1 FROM ${quoted(collection)}
      WHERE ${either.map(([one]) => `(${one})`).join(" OR ")} LIMIT ${GIVEN})`;
    const values = either.flatMap(([, given]) => given);
    return (prepare(sql).get(...values, cap) as { n: number }).n;
  }

  return {
    ensure: async (collection) => {
      const fields = await writer.run<string[]>({ kind: "ensure", collection });
      fieldsOf.set(collection.name, fields);
    },
    get: async <R extends Row>(collection: string, id: string) =>
      remembered.document(collection, id, () => {
        const sql = `SELECT id, guard, doc FROM ${quoted(collection)} WHERE id = ?`;
        const found = prepare(sql).get(id) as DocumentRow | undefined;
        return found && parse<R>(found);
      }),
    getMany: async (collection, ids) => {
      const sql = `SELECT id, guard, doc FROM ${quoted(collection)}
        WHERE id IN (SELECT value FROM json_each(?))`;
      const found = prepare(sql).all(JSON.stringify(ids)) as DocumentRow[];
      return found.map((one) => parse(one));
    },
    scan: async function* <R extends Row>(collection: string) {
      for (let after = ""; ; ) {
        const sql = `SELECT id, guard, doc FROM ${quoted(collection)} WHERE id > ? ORDER BY id LIMIT ${GIVEN}`;
        const found = prepare(sql).all(after, SCAN_PAGE) as DocumentRow[];
        for (const one of found) yield parse<R>(one);
        after = found.at(-1)?.id ?? after;
        if (found.length < SCAN_PAGE) return;
        await new Promise(setImmediate);
      }
    },
    find: async <R extends Row>(collection: string, query: Query) =>
      remembered.query(collection, `find ${JSON.stringify(query)}`, query.limit, () =>
        find<R>(collection, query),
      ),
    count: async (collection, filter, cap) =>
      remembered.query(collection, `count ${cap} ${JSON.stringify(filter)}`, 1, () =>
        count(collection, filter, cap),
      ),
    write: async (collection, writes) => {
      const fields = fieldsOf.get(collection);
      if (!fields) throw new Error(`the collection ${collection} was not ensured`);
      const encoded = writes.map((one) => encode(one, fields));
      return run(
        { kind: "write", collection, writes: encoded },
        encoded.map(({ id }) => id),
      );
    },
    remove: (collection, ids) => run({ kind: "remove", collection, ids }, ids),
    drop: async (collection) => {
      statements.clear();
      while (await run({ kind: "empty", collection, limit: DROP_STEP }));
      await run({ kind: "drop", collection });
      fieldsOf.delete(collection);
    },
    collections: async () =>
      (prepare("SELECT name FROM collections ORDER BY name").all() as { name: string }[]).map(
        ({ name }) => name,
      ),
    ping: async () => {
      prepare("SELECT 1 FROM collections").get();
      await writer.ping();
    },
    connection: () => ({ down: false, open: 0, used: 0 }),
    close: async () => {
      await writer.close();
      db.close();
    },
  };
}
