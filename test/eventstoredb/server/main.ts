import { readFileSync } from "node:fs";
import { type Control, misbehaviour } from "./faults.ts";
import { openLog } from "./log.ts";
import { openNode } from "./node.ts";

/**
 * A server that speaks EventStoreDB's protocol on the log of a folder, in a process of its own. It
 * is told over the channel to its parent when to misbehave, and ends with its parent.
 */
type Settings = {
  folder: string;
  /** One port a node; 0 for a free one. */
  ports: number[];
  user?: string;
  batch?: boolean;
  tls?: { key: string; cert: string };
};

const settings = JSON.parse(process.argv[2] ?? "") as Settings;
const log = await openLog(settings.folder);
const faults = misbehaviour();
const ports: number[] = [];
const { tls } = settings;
for (const [index, port] of settings.ports.entries()) {
  const node = openNode(log, faults, {
    index,
    ports: () => ports,
    user: settings.user,
    batch: settings.batch ?? true,
    tls: tls && { key: readFileSync(tls.key), cert: readFileSync(tls.cert) },
  });
  ports.push(await node.listen(port));
}

process.on("message", async ({ id, control }: { id: number; control: Control }) => {
  await faults.control(control);
  process.send?.({ id });
});
process.on("disconnect", () => process.exit());
process.send?.({ ports });
