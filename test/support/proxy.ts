import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Stands between a client and a server on this machine, and passes on what they say, or not. */
export async function proxyTo(port: number, answer = (chunk: Buffer): Buffer => chunk) {
  const connections = new Set<Socket>();
  const silent = new Set<Socket>();
  const server = createServer((client) => {
    const target = connect(port, "127.0.0.1");
    for (const [from, to, read] of [
      [client, target, (chunk: Buffer) => chunk],
      [target, client, answer],
    ] as const) {
      from.on("data", (chunk) => silent.has(client) || to.write(read(chunk)));
      from.on("close", () => silent.has(client) || to.destroy());
      from.on("error", () => {});
    }
    connections.add(client).add(target);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /**
     * From now on the connections there are carry nothing, and are not ended either, as when a
     * firewall has forgotten them. Those that are made later work.
     */
    silence: () => {
      for (const one of connections) silent.add(one);
    },
    close: async () => {
      for (const one of connections) one.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
