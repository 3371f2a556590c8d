import { connect, type Socket } from "node:net";

/**
 * Opens live streams from a process of its own and keeps them open. Over bare sockets, so that
 * thousands fit; the cookies are given out in turn.
 */

export type Listen = {
  open: { url: string; path: string; cookies: readonly string[]; count: number };
};
/** Waits until every stream has told of a change, and says when the last did. */
export type Await = { told: true };

/** Opened side by side: more would fill the queue of connections that wait to be accepted. */
const AT_ONCE = 100;

const streams = new Set<Socket>();
const told = new Set<Socket>();
let opened = 0;
let whenAllTold: (at: number) => void = () => {};

function openStream({ url, path }: Listen["open"], cookie: string | undefined): Promise<void> {
  const { hostname, port, host } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once("connect", () =>
      socket.write(
        `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n${cookie ? `cookie: ${cookie}\r\n` : ""}\r\n`,
      ),
    );
    let isOpen = false;
    socket.on("data", (chunk: Buffer) => {
      const text = chunk.toString("latin1");
      if (!isOpen && !text.startsWith("HTTP/1.1 200")) return reject(new Error(text));
      if (!isOpen && text.includes("event: connected")) {
        isOpen = true;
        streams.add(socket);
        return resolve();
      }
      if (!isOpen || !text.includes("changes")) return undefined;
      told.add(socket);
      if (told.size === streams.size) whenAllTold(Date.now());
      return undefined;
    });
    socket.once("error", reject);
    socket.once("close", () => streams.delete(socket));
  });
}

async function openAll(given: Listen["open"]): Promise<number> {
  for (let from = 0; from < given.count; from += AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, given.count - from) }, () =>
        openStream(given, given.cookies[opened++ % given.cookies.length]),
      ),
    );
  return streams.size;
}

process.on("message", async (message: Listen | Await) => {
  if ("open" in message) {
    const failed = (error: Error) => process.send?.({ error: error.message });
    await openAll(message.open).then((result) => process.send?.({ result }), failed);
    return;
  }
  told.clear();
  whenAllTold = (at) => process.send?.({ result: at });
});
