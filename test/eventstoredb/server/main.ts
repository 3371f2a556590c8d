import { readFileSync } from "node:fs";
import { type Control, misbehaviour } from "./faults.ts";
import { openLog } from "./log.ts";
import { openNode } from "./node.ts";

/**
 * Servers that speak EventStoreDB's protocol, each on the log of a folder, in a process of their own.
 * Over the channel to its parent it is told what to serve and when to misbehave; it ends with that.
 */
export type Serving = {
  folder: string;
  /** One port a node; 0 for a free one. */
  ports: number[];
  /** `user:password` that must be given. */
  user?: string;
  /** Whether it tells of BatchAppend. */
  batch?: boolean;
  /** Files of a key and of its certificate. */
  tls?: { key: string; cert: string };
};

/** The first port is what a server is called by. */
export type Order =
  | { kind: "serve"; serving: Serving }
  | { kind: "control"; server: number; control: Control }
  | { kind: "stop"; server: number };

async function serve({ folder, ports, user, batch = true, tls }: Serving) {
  const log = await openLog(folder);
  const faults = misbehaviour();
  const bound: number[] = [];
  const nodes = ports.map((_, index) =>
    openNode(log, faults, {
      ...{ index, user, batch, ports: () => bound },
      tls: tls && { key: readFileSync(tls.key), cert: readFileSync(tls.cert) },
    }),
  );
  for (const [index, node] of nodes.entries()) bound.push(await node.listen(ports[index] ?? 0));
  return {
    ports: bound,
    control: faults.control,
    stop: async () => {
      for (const node of nodes) node.close();
      await log.close();
    },
  };
}

const servers = new Map<number, Awaited<ReturnType<typeof serve>>>();

async function obey(order: Order): Promise<number[]> {
  if (order.kind === "serve") {
    const server = await serve(order.serving);
    servers.set(server.ports[0] ?? 0, server);
    return server.ports;
  }
  const server = servers.get(order.server);
  if (order.kind === "control") await server?.control(order.control);
  else await server?.stop();
  return [];
}

process.on("message", async ({ id, order }: { id: number; order: Order }) => {
  process.send?.({ id, ports: await obey(order) });
});
process.on("disconnect", () => process.exit());
process.send?.("ready");
