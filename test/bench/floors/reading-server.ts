import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { listen } from "./listen.ts";

/** Bare Node with a log open: it answers with where the log ends. */

const db = new DatabaseSync(process.argv[2] ?? "", { readOnly: true });
const head = db.prepare("SELECT max(position) AS head FROM events");

const server = createServer((_, response) => {
  response.end(JSON.stringify(head.get()));
});
listen(server);
