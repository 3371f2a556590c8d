import { ADMINISTRATORS, everybody, logFile, peopled, project, signedIn } from "../fixtures.ts";
import { storedEvents } from "../floors/sqlite.ts";
import type { Call } from "../load/requests.ts";
import { inPercent } from "../measure.ts";
import {
  type Listening,
  pin,
  pinned,
  startListening,
  startLoad,
  withProduct,
} from "../processes.ts";
import { type Measured, type Row, repeat, type Setting } from "../row.ts";
import { whileBusy } from "../watch.ts";

const CONNECTIONS = 64;

/** One input, as the web app's client sends a query of its own. */
const query = (path: string, input?: unknown): string =>
  `/trpc/${path}?batch=1&input=${encodeURIComponent(JSON.stringify(input ? { 0: input } : {}))}`;

type Asked = { call: Call; cookies: readonly string[]; oneCore: boolean };

/** How many requests of a kind a server answers each second; on one core it is asked from another. */
async function rateAt(
  setting: Setting,
  what: string,
  server: Listening,
  { oneCore, ...asked }: Asked,
) {
  const { quick } = setting;
  if (oneCore) pin(server.process, "server");
  const forMs = quick ? 1500 : 4000;
  await using load = await startLoad({
    ...{ url: server.url, connections: CONNECTIONS, forMs },
    ...asked,
  });
  const { result, busy } = await whileBusy(server.process, () =>
    repeat(setting, what, quick ? 2 : 5, load.perSecond),
  );
  return { runs: result, busy };
}

/** What a signed-in GET is answered, so that the floor can answer as much. */
async function answerTo({ url }: Listening, path: string, cookie = ""): Promise<string> {
  const response = await fetch(`${url}${path}`, { headers: { cookie } });
  const text = await response.text();
  if (!response.ok || text.includes('"data":null')) throw new Error(`${path} answered ${text}`);
  return text;
}

const busyNote = (of: string, busy: number | undefined): string[] =>
  busy === undefined ? [] : [`${of} was busy for ${inPercent(busy)} of the time.`];

async function measureQuery(setting: Setting, people: number, path: string): Promise<Measured> {
  const folder = await peopled(setting, { people });
  await project(folder);
  const asked = {
    call: { kind: "get", path } as const,
    cookies: await signedIn(folder, Math.min(CONNECTIONS, ADMINISTRATORS)),
    oneCore: true,
  };
  let size = 0;
  const measured = await withProduct(folder, async (server) => {
    size = Buffer.byteLength(await answerTo(server, path, asked.cookies[0]));
    return rateAt(setting, "asked", server, asked);
  });
  await using bare = await startListening("floors/http-server.ts", String(size));
  const floor = await rateAt(setting, "bare node:http", bare, asked);
  const notes = [
    `An answer is ${size} bytes; ${CONNECTIONS} connections; ${pinned}.`,
    ...busyNote("The server", measured.busy),
  ];
  return { runs: measured.runs, floor: floor.runs, notes };
}

async function measureRename(setting: Setting): Promise<Measured> {
  const people = 1000;
  const folder = await peopled(setting, { people });
  await project(folder);
  const asked = {
    call: { kind: "rename", people: everybody(people) } as const,
    cookies: await signedIn(folder, ADMINISTRATORS),
    oneCore: false,
  };
  const measured = await withProduct(folder, (server) => rateAt(setting, "renamed", server, asked));
  const log = logFile(folder);
  const [event] = storedEvents(log, 1);
  await using bare = await startListening(
    "floors/insert-server.ts",
    log,
    setting.folder,
    JSON.stringify(event),
  );
  const floor = await rateAt(setting, "bare node:http and SQLite", bare, asked);
  const notes = [`${CONNECTIONS} connections; the server shares all cores with who asks it.`];
  return { runs: measured.runs, floor: floor.runs, notes };
}

export const http: readonly Row[] = [
  {
    name: "signed-in query over HTTP (session.me)",
    unit: "/s",
    target: { amount: 10_000 },
    floor: "bare node:http with a ready answer of the same size",
    note: "The aim is 20,000/s. Peers: PocketBase 4,252/s, Kratos 1,536/s, Keycloak 1,483/s, better-auth 1,285/s.",
    measure: (setting) => measureQuery(setting, 1000, query("session.me")),
  },
  {
    name: "signed-in command over HTTP (people.rename)",
    unit: "/s",
    target: { amount: 4000 },
    floor: "bare node:http with a durable SQLite insert a request, committed in groups",
    measure: measureRename,
  },
  {
    name: "list of 50 among 10,000 people over HTTP (people.list)",
    unit: "/s",
    target: { amount: 4000 },
    floor: "bare node:http with a ready answer of the same size",
    note: "Peers: PocketBase 549/s, Ory Kratos 925/s.",
    measure: (setting) => measureQuery(setting, 10_000, query("people.list", { limit: 50 })),
  },
];
