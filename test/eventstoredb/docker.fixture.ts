import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import type { Order } from "./server/main.ts";

/**
 * In the place of `docker`, as far as the tests use it: a container is a process that serves the log of
 * a folder as EventStoreDB does, and tells at its port that it is not well until it was asked twice. It
 * writes down what it was told.
 */

const place = process.env.FAKE_DOCKER ?? "";
const [task = "", ...args] = process.argv.slice(2);
const after = (flag: string): string => args[args.indexOf(flag) + 1] ?? "";
const name = task === "run" ? after("--name") : (args.at(-1) ?? "");
const folder = join(place, name);
const noted = { port: join(folder, "port"), pid: join(folder, "pid") };

const started = () => {
  const child = spawn(process.execPath, [import.meta.filename, "serve", name], {
    detached: true,
    stdio: "ignore",
  });
  writeFileSync(noted.pid, String(child.pid));
  child.unref();
};

function kill() {
  try {
    process.kill(Number(readFileSync(noted.pid, "utf8")), "SIGKILL");
  } catch {
    // It has ended already.
  }
}

/** What one port of the real server does both: gRPC, and how it is by HTTP. */
async function serve() {
  const server = fork(join(import.meta.dirname, "server/main.ts"));
  await once(server, "message");
  const answered = once(server, "message");
  const order: Order = { kind: "serve", serving: { folder, ports: [0] } };
  server.send({ id: 1, order });
  const [{ ports }] = (await answered) as [{ ports: number[] }];
  let asked = 0;
  const front = createServer((client) => {
    client.on("error", () => {});
    client.once("data", (first) => {
      if (first.toString("latin1").startsWith("PRI * HTTP/2")) {
        const inner = connect(ports[0] ?? 0, "127.0.0.1");
        inner.on("error", () => client.destroy());
        inner.write(first);
        client.pipe(inner).pipe(client);
        return;
      }
      const status = asked++ < 2 ? "503 Service Unavailable" : "204 No Content";
      client.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    });
  });
  front.listen(Number(readFileSync(noted.port, "utf8")), "127.0.0.1");
}

if (task !== "serve") appendFileSync(join(place, "told"), `${JSON.stringify([task, ...args])}\n`);
if (task === "serve") await serve();
else if (task === "run") {
  if (args.at(-1)?.startsWith("missing/")) {
    process.stderr.write("docker: there is no such image\n");
    process.exit(125);
  }
  mkdirSync(folder);
  writeFileSync(noted.port, after("--publish").split(":")[1] ?? "");
  started();
} else if (!existsSync(folder)) process.exit(1);
else if (task === "start") started();
else if (task === "logs") process.stdout.write("what the server said\n");
else {
  kill();
  if (task === "rm") rmSync(folder, { recursive: true });
}
