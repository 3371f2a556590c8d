import { createServer, type ServerResponse } from "node:http";
import { v7 } from "uuid";
import { listen } from "./listen.ts";
import { type BareRow, inserting, sameTables } from "./sqlite.ts";

/**
 * Bare node:http and bare SQLite: each request inserts an event of the product's size, durably before
 * it is answered. What gathered in one turn of the event loop is committed together.
 */

const [log = "", folder = "", like = "{}"] = process.argv.slice(2);
const row = JSON.parse(like) as BareRow;
const db = sameTables({ folder }, log, ["events"], "FULL");
const insert = inserting(db, "events", row);
let waiting: ServerResponse[] = [];

function commit() {
  db.exec("BEGIN IMMEDIATE");
  for (const _ of waiting) insert({ ...row, id: v7(), stream: v7() });
  db.exec("COMMIT");
  for (const response of waiting) response.writeHead(200, { "content-length": 2 }).end("{}");
  waiting = [];
}

const server = createServer((request, response) => {
  request.resume().once("end", () => {
    if (waiting.length === 0) setImmediate(commit);
    waiting.push(response);
  });
});
listen(server);
