import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../support/free-port.ts";
import {
  ADMINISTRATORS,
  bigLog,
  bigPeople,
  logFile,
  personId,
  project,
  signedIn,
} from "../fixtures.ts";
import { inUnit, manyAtOnce, median } from "../measure.ts";
import { type Listening, startListening, startProduct } from "../processes.ts";
import { type Measured, type Row, repeat, type Setting, sharedFolder } from "../row.ts";
import { settledKb } from "../watch.ts";

/** The server on a million events and a hundred thousand people, their read models built. */

async function bigInstallation(setting: Setting) {
  const folder = await bigLog(setting);
  await sharedFolder(setting, "log-projected", async () => {
    setting.say("building its read models");
    await project(folder);
  });
  return folder;
}

const sizeOf = (setting: Setting): string =>
  `${bigPeople(setting) * 10} events, ${bigPeople(setting)} people.`;

const megabytes = async ({ process }: Listening): Promise<number> =>
  (await settledKb(process)) / 1024;

/** What administrators do: they look who they are, at lists, and at people. */
async function askManyThings({ url }: Listening, cookies: readonly string[], people: number) {
  const paths = [
    () => "/trpc/session.me",
    () => `/trpc/people.list?input=${encodeURIComponent('{"limit":50}')}`,
    (nth: number) => {
      const id = personId((nth * 7919) % people);
      return `/trpc/people.get?input=${encodeURIComponent(JSON.stringify({ id }))}`;
    },
  ];
  await manyAtOnce(1000, 16, async (nth) => {
    const path = paths[nth % paths.length]?.(nth);
    const cookie = cookies[nth % cookies.length] ?? "";
    const response = await fetch(`${url}${path}`, { headers: { cookie } });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${text}`);
  });
}

async function measureMemory(setting: Setting, isUsed: boolean): Promise<Measured> {
  const folder = await bigInstallation(setting);
  const cookies = await signedIn(folder, ADMINISTRATORS);
  const times = setting.quick ? 1 : 3;
  const runs = await repeat(setting, "started", times, async () => {
    await using server = await startProduct(folder);
    if (isUsed) await askManyThings(server, cookies, bigPeople(setting));
    return await megabytes(server);
  });
  const floor = await repeat(setting, "bare Node", times, async () => {
    await using bare = await startListening("floors/reading-server.ts", logFile(folder));
    return await megabytes(bare);
  });
  return { runs, floor, notes: [sizeOf(setting)] };
}

/** Asks until it is answered as it should be. */
async function answered(url: string, cookie: string): Promise<void> {
  for (;;) {
    const response = await fetch(url, { headers: { cookie } }).catch(() => undefined);
    const text = await response?.text();
    if (response?.ok && !text?.includes('"data":null')) return;
    await delay(5);
  }
}

async function measureStart(setting: Setting): Promise<Measured> {
  const folder = await bigInstallation(setting);
  const [cookie = ""] = await signedIn(folder, 1);
  const times = setting.quick ? 2 : 5;
  const alive: number[] = [];
  const runs = await repeat(setting, "started", times, async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const startedAt = performance.now();
    const starting = startProduct(folder, { PORT: String(port) });
    const failed = starting.then(() => new Promise<never>(() => {}));
    await Promise.race([answered(`${url}/health/live`, ""), failed]);
    alive.push(performance.now() - startedAt);
    await Promise.race([answered(`${url}/trpc/session.me`, cookie), failed]);
    const seconds = (performance.now() - startedAt) / 1000;
    await using _ = await starting;
    return seconds;
  });
  const floor = await repeat(setting, "bare Node", times, async () => {
    const startedAt = performance.now();
    await using bare = await startListening("floors/reading-server.ts", logFile(folder));
    await answered(bare.url, "");
    return (performance.now() - startedAt) / 1000;
  });
  return {
    runs,
    floor,
    notes: [sizeOf(setting), `/health/live answers after ${inUnit(median(alive), "ms")}.`],
  };
}

const bareNode = "bare Node that has the same log open and listens";

export const big: readonly Row[] = [
  {
    name: "resident memory with 1,000,000 events, idle after the start",
    unit: "MB",
    target: { amount: 300 },
    floor: bareNode,
    measure: (setting) => measureMemory(setting, false),
  },
  {
    name: "resident memory with 1,000,000 events, after 1,000 requests",
    unit: "MB",
    target: { amount: 300 },
    floor: bareNode,
    measure: (setting) => measureMemory(setting, true),
  },
  {
    name: "start with 1,000,000 events to the first signed-in answer",
    unit: "s",
    target: { amount: 3 },
    floor: bareNode,
    measure: measureStart,
  },
];
