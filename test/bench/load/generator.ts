import { connect } from "node:net";
import { type Load, requestsOf } from "./requests.ts";

/**
 * Keeps connections busy from a process of its own: each sends its next request when the last is
 * answered. Over bare sockets, because an HTTP client of Node takes more processor time than the
 * server it asks, and would measure itself.
 */

export type Answered = { answered: number; perSecond: number };

/** The length of the first whole answer in what has arrived; 0 while some of it is missing. */
function answerLength(arrived: Buffer): number {
  const end = arrived.indexOf("\r\n\r\n");
  if (end < 0) return 0;
  const head = arrived.toString("latin1", 0, end);
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (!head.startsWith("HTTP/1.1 200") || length === undefined)
    throw new Error(`not the answer that was expected:\n${arrived.toString()}`);
  const whole = end + 4 + Number(length);
  return arrived.length < whole ? 0 : whole;
}

function run(load: Load): Promise<Answered> {
  const { hostname, port } = new URL(load.url);
  const next = requestsOf(load);
  const startedAt = performance.now();
  const until = startedAt + load.forMs;
  let answered = 0;
  let lastAt = startedAt;

  const keepBusy = (connection: number) =>
    new Promise<void>((resolve, reject) => {
      let arrived: Buffer = Buffer.alloc(0);
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      const ask = () => socket.write(next(connection), "latin1");
      socket.on("connect", ask);
      socket.on("data", (chunk: Buffer) => {
        try {
          arrived = arrived.length === 0 ? chunk : Buffer.concat([arrived, chunk]);
          const length = answerLength(arrived);
          if (length === 0) return;
          arrived = arrived.subarray(length);
          answered++;
          lastAt = performance.now();
          if (lastAt < until) ask();
          else socket.end();
        } catch (error) {
          socket.destroy(error as Error);
        }
      });
      socket.on("error", reject);
      socket.on("close", () => resolve());
    });

  return Promise.all(Array.from({ length: load.connections }, (_, at) => keepBusy(at))).then(
    () => ({
      answered,
      // To the last answer: with few and slow ones it comes well after the time is up.
      perSecond: answered / ((lastAt - startedAt) / 1000),
    }),
  );
}

process.on("message", async (load: Load) => {
  try {
    process.send?.({ result: await run(load) });
  } catch (error) {
    process.send?.({ error: String((error as Error).message) });
  }
});
