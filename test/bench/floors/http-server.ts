import { createServer } from "node:http";
import { listen } from "./listen.ts";

/** Bare node:http: answers everything with one ready body of so many bytes. */

const body = "x".repeat(Number(process.argv[2]));
const headers = { "content-type": "application/json", "content-length": body.length };

const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, headers).end(body);
});
listen(server);
