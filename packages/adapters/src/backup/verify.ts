import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { catalogue, type RecordedEvent } from "@daybook/domain";
import type { EventStore } from "../events/port.ts";
import { sealed } from "../events/sealing.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { ServerKeys } from "../keys/server-keys.ts";
import { type KeyRow, wrapping } from "../keys/wrapping.ts";
import type { Manifest } from "./manifest.ts";
import type { Work } from "./progress.ts";

/** Events read at once; between pages the signal and the progress get their turn. */
const PAGE = 1000;

/** Opens a file that nobody writes; nothing is made beside it, and it may lie on a read-only disk. */
const openCopy = (file: string): DatabaseSync =>
  new DatabaseSync(new URL(`${pathToFileURL(file).href}?immutable=1`), { readOnly: true });

/** What tells one state of a log from another. */
export const describeLog = (log: DatabaseSync): Pick<Manifest, "logId" | "head" | "events"> =>
  log
    .prepare(`SELECT (SELECT id FROM log) AS logId, (SELECT count(*) FROM events) AS events,
      coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0) AS head`)
    .get() as Pick<Manifest, "logId" | "head" | "events">;

function requireIntegrity(file: string, db: DatabaseSync): void {
  const found = db.prepare("PRAGMA integrity_check(1)").get()?.integrity_check;
  if (found !== "ok") throw new Error(`${file} is damaged (${found})`);
}

/** Throws where a stream has a gap that retention has not made. */
function requireWholeStreams(file: string, log: DatabaseSync): void {
  // Retention may delete any events up to the revision it remembers; behind it none is missing.
  const gap = log
    .prepare(`SELECT stream FROM events LEFT JOIN shortened USING (stream) GROUP BY stream
      HAVING count(*) FILTER (WHERE events.revision > coalesce(shortened.revision, -1))
        <> max(max(events.revision) - coalesce(shortened.revision, -1), 0) LIMIT 1`)
    .get();
  if (gap) throw new Error(`${file} is damaged: events of ${gap.stream} are missing`);
}

async function* readLog(log: DatabaseSync): AsyncGenerator<RecordedEvent> {
  const page = log.prepare("SELECT * FROM events WHERE position > ? ORDER BY position LIMIT ?");
  for (let after = 0; ; ) {
    const rows = page.all(after, PAGE) as (Record<string, string> & { position: number })[];
    for (const { data = "", meta = "", ...rest } of rows)
      yield { ...rest, data: JSON.parse(data), meta: JSON.parse(meta) } as unknown as RecordedEvent;
    if (rows.length < PAGE) return;
    after = rows.at(-1)?.position ?? after;
    await new Promise(setImmediate);
  }
}

/** Keys out of a copied file; none is made there. */
function copiedKeys(state: DatabaseSync, keys: ServerKeys): Pick<Keyring, "find"> {
  const { unwrap } = wrapping(keys);
  const one = state.prepare("SELECT doc FROM keys WHERE id = ?");
  const find = (subject: string): [string, Uint8Array | null][] => {
    const row = one.get(subject) as { doc: string | null } | undefined;
    if (!row) return [];
    return [[subject, row.doc === null ? null : unwrap(JSON.parse(row.doc) as KeyRow)]];
  };
  return { find: async (subjects) => new Map(subjects.flatMap(find)) };
}

/**
 * Reads copies of log and keys to their ends: every page, every stream, and every sealed event
 * opened with its key. Throws where something is not as it was told.
 */
export async function verifyCopies(
  folder: string,
  expected: ReturnType<typeof describeLog>,
  keys: ServerKeys,
  { progress, signal }: Work,
): Promise<void> {
  const file = join(folder, "events.db");
  using log = openCopy(file);
  using state = openCopy(join(folder, "state.db"));
  requireIntegrity(file, log);
  requireIntegrity(join(folder, "state.db"), state);
  requireWholeStreams(file, log);
  // Only what reads is there: nothing is ever appended to a copy.
  const store = { readAll: () => readLog(log) } as unknown as EventStore;
  const opened = sealed(store, copiedKeys(state, keys) as Keyring, catalogue);
  let events = 0;
  for await (const _ of opened.readAll()) {
    if (++events % PAGE !== 0) continue;
    const total = expected.events;
    progress({ task: "Checking the events", unit: "events", done: events, total });
    signal.throwIfAborted();
  }
  const { logId, head } = describeLog(log);
  if (logId !== expected.logId || head !== expected.head || events !== expected.events)
    throw new Error(`${file} ends at position ${head} and holds ${events} events: it is not whole`);
}
