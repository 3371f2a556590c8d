import { DatabaseSync } from "node:sqlite";
import { parentPort, Worker, workerData } from "node:worker_threads";
import { COPY, LOOK, pagesLeft } from "./wal.ts";
import { type Answer, PROBE, type Program, type Request, type WriterOptions } from "./writer.ts";

/**
 * The only writer of one database file, on a thread of its own, so that neither a flush nor another
 * process's lock stops the event loop that serves requests. Whatever gathered while the last flush
 * ran is committed together: one flush makes many requests durable.
 */

const { file, program, synchronous, migration } = workerData as WriterOptions;
const port = parentPort;
if (!port) throw new Error("the writer runs on a thread of its own");

/** So many pages of the write-ahead log are copied into the file at once: one written often only once. */
const LONG = 8000;
/** Where that cannot keep up, the writer copies them itself, and whoever asks waits. */
const TOO_LONG = 32_000;

const db = new DatabaseSync(file);
// Another process (an operator's command) holds the lock for one commit; 10 s is a stuck process.
db.exec(`PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous};
  PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = ${TOO_LONG};`);
db.exec(`BEGIN IMMEDIATE; ${migration}; COMMIT`);
const { open } = (await import(program)) as { open: Program };
const handle = open(db);

let gathered: Request[] = [];

const begin = db.prepare("BEGIN IMMEDIATE");
const end = db.prepare("COMMIT");

function answer({ id, body }: Request): Answer {
  // A probe writes the first page as it is.
  return {
    id,
    result: body === PROBE ? db.exec("PRAGMA user_version = 0") : handle(body as never),
  };
}

/** All in one transaction; where one of them fails, each in its own: the others need not fail with it. */
function commit(requests: Request[]): Answer[] {
  let working = false;
  try {
    begin.run();
    working = true;
    const answers = requests.map(answer);
    working = false;
    end.run();
    return answers;
  } catch (error) {
    // A full disk may have ended it already.
    if (db.isTransaction) db.exec("ROLLBACK");
    if (working && requests.length > 1) return requests.flatMap((one) => commit([one]));
    const message = String((error as Error).message);
    return requests.map(({ id }) => ({ id, error: message }));
  }
}

const look = db.prepare(LOOK);
const rest = db.prepare(COPY);
let copier: Worker | undefined;
let copying = false;

function startCopier(): Worker {
  const started = new Worker(new URL("./checkpoint-thread.ts", import.meta.url), {
    workerData: file,
  });
  started.on("message", () => {
    copying = false;
    // What came meanwhile is little, and once nothing is left the log begins anew.
    pagesLeft(rest);
  });
  // It cannot be started now: the next one is, and until then the writer's own limit holds.
  started.on("error", () => {
    copier = undefined;
    copying = false;
  });
  return started;
}

function copyIfLong() {
  if (copying || pagesLeft(look) < LONG) return;
  copying = true;
  copier ??= startCopier();
  copier.postMessage("copy");
}

function flush() {
  const requests = gathered;
  gathered = [];
  port?.postMessage(commit(requests));
  copyIfLong();
}

async function close() {
  if (gathered.length > 0) flush();
  await copier?.terminate();
  // The readers' connections cannot do it, and a copy of the file alone is then whole. Another
  // process that reads just now is not waited for.
  db.exec("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
  port?.close();
}

port.on("message", (message: Request[] | "close") => {
  if (message === "close") return close();
  if (gathered.length === 0) setImmediate(() => gathered.length > 0 && flush());
  gathered.push(...message);
});
port.postMessage("ready");
