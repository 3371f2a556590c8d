import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Control, Faults } from "../eventstoredb/server/faults.ts";

const main = join(import.meta.dirname, "../eventstoredb/server/main.ts");

export type ServerSettings = {
  /** How many nodes there are, which serve the same log. */
  nodes?: number;
  /** `user:password` that must be given; told over TLS only, as the client does. */
  user?: string;
  /** Whether it has BatchAppend. */
  batch?: boolean;
  /** Files of a key and of its certificate. */
  tls?: { key: string; cert: string };
};

export type EventStoreDbServer = Awaited<ReturnType<typeof startEventStoreDb>>;

/**
 * Starts a server that speaks EventStoreDB's protocol, on the log of a folder and free ports. It can
 * be killed and started again on the same, and misbehaves when it is told to.
 *
 * @example
 * const server = await startEventStoreDb(place.path());
 * await server.misbehave({ appends: ["lost"] });
 */
export async function startEventStoreDb(folder: string, settings: ServerSettings = {}) {
  const { nodes = 1, ...rest } = settings;
  let ports: number[] = Array.from({ length: nodes }, () => 0);
  let child: ChildProcess;
  let asked = 0;

  async function start() {
    const given = JSON.stringify({ folder, ports, ...rest });
    child = fork(main, [given], { execArgv: ["--disable-warning=ExperimentalWarning"] });
    const [message] = (await Promise.race([once(child, "message"), once(child, "exit")])) as [
      { ports: number[] } | number,
    ];
    if (typeof message !== "object") throw new Error("the server did not start");
    ports = message.ports;
  }

  /** Resolved once it has been done. */
  async function tell(control: Control) {
    const id = ++asked;
    const told = child;
    const done = new Promise<void>((resolve) => {
      const listen = (answer: { id: number }) => {
        if (answer.id !== id) return;
        told.off("message", listen);
        resolve();
      };
      told.on("message", listen);
    });
    told.send({ id, control });
    await done;
  }

  /** Ends it as a power cut does, and waits until it is gone. */
  async function kill() {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  await start();
  return {
    /** A connection string of the client: of one host, or of all nodes. */
    url: () =>
      `esdb://${rest.tls && rest.user ? `${rest.user}@` : ""}${ports
        .map((port) => `127.0.0.1:${port}`)
        .join()}?${rest.tls ? `tlsCAFile=${encodeURIComponent(rest.tls.cert)}` : "tls=false"}`,
    ports: () => ports,
    misbehave: (faults: Partial<Faults>) => tell({ kind: "set", faults }),
    /** Ends every read and subscription that is under way. */
    drop: () => tell({ kind: "drop" }),
    /** Stores the late appends. */
    release: () => tell({ kind: "release" }),
    kill,
    /** Starts it again, on the same folder and ports. */
    start,
    close: kill,
  };
}
