import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { COPY, pagesLeft } from "./wal.ts";

/**
 * Copies what was written from a file's write-ahead log into the file, on a thread and a connection
 * of its own: the writer goes on meanwhile, which otherwise stands still for the tens of
 * milliseconds that a long log takes (https://sqlite.org/wal.html, "Performance Considerations").
 */

const port = parentPort;
if (!port) throw new Error("the write-ahead log is copied on a thread of its own");

/** The writer goes on during each, so that the next has only what came meanwhile. */
const PASSES_MAX = 3;

const db = new DatabaseSync(workerData as string);
const copy = db.prepare(COPY);

port.on("message", () => {
  for (let passes = 0; passes < PASSES_MAX && pagesLeft(copy) > 0; passes++);
  port.postMessage("done");
});
