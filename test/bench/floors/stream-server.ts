import { createServer } from "node:http";
import { listen } from "./listen.ts";

/** Bare node:http that opens a stream of server-sent events for everybody, and keeps it open. */

const server = createServer((_, response) => {
  response
    .writeHead(200, { "content-type": "text/event-stream" })
    .write("event: connected\ndata: {}\n\n");
});
listen(server);
