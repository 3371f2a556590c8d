import type { AddressInfo, Socket } from "node:net";
import { SMTPServer } from "smtp-server";

type Delivery = { from: string; to: string[]; raw: string };
type Reply =
  | { at: "greeting" | "from" | "to" | "data"; code: number }
  /** Takes it, once something has happened. */
  | { at: "data"; after: Promise<unknown> }
  /** Hangs up: while the mail comes in, or when it has it all and would say so. */
  | { at: "content" | "acceptance" };

/** A mail server on this machine that takes mail, or answers as it is told to. */
export async function mailServer({ signedIn = false } = {}) {
  const delivered: Delivery[] = [];
  let reply: Reply | undefined;
  const sockets = new Set<Socket>();
  let connected = 0;
  const refusal = (at: Reply["at"]) =>
    reply?.at === at && "code" in reply
      ? Object.assign(new Error("as the test asked"), { responseCode: reply.code })
      : null;
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = new SMTPServer({
    authOptional: !signedIn,
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS"],
    onAuth: (_, __, answer) => answer(new Error("unknown user")),
    onConnect: (_, answer) => answer(refusal("greeting")),
    onMailFrom: (_, __, answer) => answer(refusal("from")),
    onRcptTo: (_, __, answer) => answer(refusal("to")),
    onData(stream, session, answer) {
      let raw = "";
      stream.on("data", (chunk: Buffer) => {
        raw += chunk.toString("utf8");
        if (reply?.at === "content") hangUp();
      });
      stream.on("end", () => {
        const error = refusal("data");
        const { mailFrom, rcptTo } = session.envelope;
        if (!error)
          delivered.push({
            from: mailFrom ? mailFrom.address : "",
            to: rcptTo.map(({ address }) => address),
            raw,
          });
        if (reply?.at === "acceptance") hangUp();
        else if (reply && "after" in reply) reply.after.then(() => answer());
        else answer(error);
      });
    },
  });
  // Connections that a client drops are no failure of the test.
  server.on("error", () => {});
  server.server.on("connection", (socket: Socket) => {
    connected++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    delivered,
    /** How many connections were made to it so far. */
    connected: () => connected,
    url: `smtp://127.0.0.1:${port}`,
    urlWithPassword: `smtp://someone:wrong@127.0.0.1:${port}`,
    replies: (next: Reply | undefined) => {
      reply = next;
    },
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

export const messageIdOf = ({ raw }: Delivery) => raw.match(/^Message-ID:\s+(<.*?>)/im)?.[1];

/** The bodies of a mail as they read, plain text first. */
export const bodiesOf = ({ raw }: Delivery) =>
  [...raw.matchAll(/^Content-Transfer-Encoding: base64\r\n\r\n([\w+/=\r\n]+)/gm)].map(([, body]) =>
    Buffer.from(body ?? "", "base64").toString("utf8"),
  );
