import type { DatabaseSync } from "node:sqlite";
import type { Appended, ExpectedRevision } from "./port.ts";

export const eventTables = `
  CREATE TABLE IF NOT EXISTS log (id TEXT NOT NULL);
  INSERT INTO log (id) SELECT lower(hex(randomblob(16))) WHERE NOT EXISTS (SELECT 1 FROM log);
  CREATE TABLE IF NOT EXISTS copied (origin TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    data TEXT NOT NULL,
    meta TEXT NOT NULL
  );
  CREATE UNIQUE INDEX IF NOT EXISTS events_id ON events (id);
  CREATE UNIQUE INDEX IF NOT EXISTS events_stream ON events (stream, revision);
  CREATE TABLE IF NOT EXISTS shortened (stream TEXT PRIMARY KEY, revision INTEGER NOT NULL)`;

export type StoredEvent = { id: string; type: string; at: number; data: string; meta: string };

export type AppendRequest = {
  kind: "append";
  stream: string;
  expected: ExpectedRevision;
  events: StoredEvent[];
};
export type AppendAnswer =
  | { appended: Appended }
  | { actual: number | "none" }
  | { duplicate: string };

export type DeleteRequest = { kind: "delete"; category: string; before: number; limit: number };

/** Makes a log that never held an event the copy of another. */
export type CopyRequest = { kind: "copy"; origin: string };

type Located = { stream: string; revision: number; position: number };

/** Runs on the writer's thread. Everything is checked before the first row is written. */
export function open(db: DatabaseSync) {
  // A stream whose newest events were deleted by retention goes on from the revision it had: the
  // time is the command's, so what is deleted need not be what stands first.
  const lastRevision = db.prepare(`SELECT max(revision) AS revision FROM
    (SELECT max(revision) AS revision FROM events WHERE stream = ?1
      UNION ALL SELECT revision FROM shortened WHERE stream = ?1)`);
  const byId = db.prepare("SELECT stream, revision, position FROM events WHERE id = ?");
  const insert = db.prepare(
    "INSERT INTO events (id, stream, revision, type, at, data, meta) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const expired = db.prepare(`SELECT position, stream, revision FROM events
    WHERE stream > ?1 || '-' AND stream < ?1 || '.' AND at < ?2 LIMIT ?3`);
  const remember = db.prepare(`INSERT INTO shortened VALUES (?, ?)
    ON CONFLICT DO UPDATE SET revision = max(revision, excluded.revision)`);
  const remove = db.prepare("DELETE FROM events WHERE position = ?");
  const adopt = db.prepare(`INSERT INTO copied SELECT ? WHERE NOT EXISTS (SELECT 1 FROM copied)
    AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'events')`);

  /** Where these events stand already, if all of them do, one behind the other. */
  function alreadyAppended({ stream, expected, events }: AppendRequest): Appended | undefined {
    const found = events.map(({ id }) => byId.get(id) as Located | undefined);
    const first = found[0];
    if (!first || (expected !== "any" && first.revision !== next(expected))) return undefined;
    const inOrder = found.every(
      (one, at) => one?.stream === stream && one.revision === first.revision + at,
    );
    if (!inOrder) return undefined;
    const { revision, position } = found.at(-1) as Located;
    return { revision, position, repeated: true };
  }

  function append(request: AppendRequest): AppendAnswer {
    const { stream, expected, events } = request;
    const { revision } = lastRevision.get(stream) as { revision: number | null };
    const actual = revision ?? "none";
    if (expected === "any" || expected !== actual) {
      const appended = alreadyAppended(request);
      if (appended) return { appended };
      if (expected !== "any") return { actual };
    }
    const duplicate = events.find(
      ({ id }, at) => byId.get(id) !== undefined || events.findIndex((one) => one.id === id) < at,
    );
    if (duplicate) return { duplicate: duplicate.id };
    let last = revision ?? -1;
    let position = 0;
    for (const { id, type, at, data, meta } of events)
      position = Number(insert.run(id, stream, ++last, type, at, data, meta).lastInsertRowid);
    return { appended: { revision: last, position, repeated: false } };
  }

  function deleteExpired({ category, before, limit }: DeleteRequest): number {
    const rows = expired.all(category, before, limit) as Located[];
    for (const { stream, revision, position } of rows) {
      remember.run(stream, revision);
      remove.run(position);
    }
    return rows.length;
  }

  return (request: AppendRequest | DeleteRequest | CopyRequest) => {
    switch (request.kind) {
      case "append":
        return append(request);
      case "delete":
        return deleteExpired(request);
      case "copy":
        return adopt.run(request.origin).changes;
    }
  };
}

const next = (expected: number | "none"): number => (expected === "none" ? 0 : expected + 1);
