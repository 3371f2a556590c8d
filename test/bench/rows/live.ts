import { readFileSync } from "node:fs";
import { v7 } from "uuid";
import { ADMINISTRATORS, AUDITORS, peopled, personId, project, signedIn } from "../fixtures.ts";
import { inUnit } from "../measure.ts";
import { type Listening, pin, start, startListening, startProduct } from "../processes.ts";
import { type Measured, type Row, repeat, type Setting } from "../row.ts";
import { settledKb } from "../watch.ts";

const LISTENERS = 500;
/** What the first streams need once, such as compiled code, is not counted as theirs. */
const FIRST = 100;

/** Files that a process may have open, sockets among them, less those it has open anyway. */
function socketsMax(): number {
  if (process.platform !== "linux") return Number.POSITIVE_INFINITY;
  const limits = readFileSync("/proc/self/limits", "utf8");
  // Node raises its own limit to the highest it is allowed.
  return Number(/Max open files\s+\S+\s+(\d+)/.exec(limits)?.[1] ?? 4096) - 200;
}

const connectionsIn = ({ quick }: Setting): number => Math.min(quick ? 500 : 5000, socketsMax());

/** Opens streams at a server: how much resident memory each takes there, and who holds them. */
async function openStreams(
  setting: Setting,
  { url, process }: Listening,
  path: string,
  cookies: readonly string[],
) {
  const count = connectionsIn(setting);
  const listeners = start("load/listeners.ts");
  pin(listeners.process, "load");
  await listeners.ask({ open: { url, path, cookies, count: FIRST } });
  const before = await settledKb(process);
  setting.say(`opening ${count} streams`);
  await listeners.ask({ open: { url, path, cookies, count: count - FIRST } });
  const after = await settledKb(process);
  return { each: (after - before) / (count - FIRST), listeners };
}

/** Renames somebody, and waits until the last stream has told of it: how long that took. */
async function untilAllTold(
  { url }: Listening,
  { listeners }: Awaited<ReturnType<typeof openStreams>>,
  cookie: string,
): Promise<number> {
  const told = listeners.ask<number>({ told: true });
  const sentAt = Date.now();
  const data = { firstName: `Grace ${sentAt}`, lastName: "Hopper" };
  const response = await fetch(`${url}/trpc/people.rename`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie },
    body: JSON.stringify({ commandId: v7(), id: personId(LISTENERS * 2 - 1), data }),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await told) - sentAt;
}

async function measure(setting: Setting): Promise<Measured> {
  const folder = await peopled(setting, { people: LISTENERS * 2 });
  await project(folder);
  // Whoever may not read about people is told nothing.
  const cookies = await signedIn(folder, Math.min(LISTENERS, ADMINISTRATORS + AUDITORS));
  const [administrator = ""] = cookies;
  let last: number[] = [];
  const runs = await repeat(setting, "streams", setting.quick ? 1 : 3, async () => {
    await using server = await startProduct(folder);
    const streams = await openStreams(setting, server, "/live", cookies);
    await using _ = streams.listeners;
    last = await repeat(setting, "a change told", 3, () =>
      untilAllTold(server, streams, administrator),
    );
    return streams.each;
  });
  const floor = await repeat(setting, "bare streams", setting.quick ? 1 : 3, async () => {
    await using bare = await startListening("floors/stream-server.ts");
    const { each, listeners } = await openStreams(setting, bare, "/", []);
    await listeners[Symbol.asyncDispose]();
    return each;
  });
  const notes = [
    `${connectionsIn(setting)} streams of ${cookies.length} people, and all were told of each change.`,
    `From a command to the last stream that told of it: ${last.map((ms) => inUnit(ms, "ms")).join(", ")}.`,
  ];
  return { runs, floor, notes };
}

export const live: readonly Row[] = [
  {
    name: "memory of an open live stream",
    unit: "kB",
    target: { amount: 30 },
    floor: "a stream of bare node:http",
    measure,
  },
];
