import { expect, test } from "vitest";
import { command, connect, personNamed, refusal } from "../support/client.ts";
import { startEventStoreDb } from "../support/event-store-db.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryFolder } from "../support/folder.ts";
import { metricsOf, metricsOnce, namesOf } from "../support/metrics.ts";
import { onMongoEngine } from "../support/mongodb.ts";
import { spawnServer, startServer } from "../support/server.ts";

/** What Prometheus waits for an answer, where it is not told otherwise. */
const SCRAPE_MS = 10_000;

const place = temporaryFolder();
const started = (env: Record<string, string> = {}) =>
  place.opened(
    startServer({ DAYBOOK_DATA: place.file("data"), ...env }).then((server) => ({
      ...server,
      close: async () => void (await server.end()),
    })),
  );

const HEAD = "daybook_log_position";
/** What dashboards and alerts are written against. */
const ofStores = [
  ...["log_position", "projection_position", "projection_behind", "projection_parked"],
  ...["subscription_restarts_total", "subscription_down", "store_connections", "store_down"],
  ...["mail_pending", "mail_oldest_due_seconds"],
];
const ofWork = [
  ...["reader_restarts_total", "mails_total", "queue_jobs"],
  ...["sampled_documents_total", "sampled_differing_total"],
];
const ofCalls = ["command", "query"].flatMap((one) =>
  ["bucket", "count", "sum"].map((part) => `${one}_seconds_${part}`),
);
const daybook = (names: readonly string[]) => names.map((name) => `daybook_${name}`);

type Health = {
  status: string;
  head: number;
  projections: { name: string }[];
  connection: { down: boolean };
};
const health = async (url: string) => (await (await fetch(`${url}/health/ready`)).json()) as Health;

const untilReady = (url: string) =>
  eventually(async () => ((await health(url)).status === "ok" ? true : undefined));

/** The metrics of a process, once all of these are among them. */
const withAll = (url: string, names: readonly string[]) =>
  metricsOnce(url, (found) => namesOf(found).isSupersetOf(new Set(daybook(names))));

test("metrics tell what was appended, projected and mailed, and how long it took", async () => {
  const server = await started();
  const { client, signIn } = connect(server.url);
  await signIn("admin", server.password);
  const grace = personNamed("grace");
  const { user } = await client.people.create.mutate(command(grace));
  const data = { firstName: "Grace", lastName: "Hopper" };
  await client.people.rename.mutate({ ...command(data), id: user });
  await client.people.get.query({ id: user });
  await client.people.get.query({ id: user });
  await refusal(connect(server.url).signIn(grace.email, "a wrong guess"));
  await fetch(`${server.url}/trpc/of.${grace.email}`);

  await withAll(server.url, [...ofStores, ...ofWork, ...ofCalls]);
  const metrics = await metricsOnce(server.url, (found) => {
    const isSent = (found.get('daybook_mails_total{outcome="sent"}') ?? 0) > 0;
    const left = /^daybook_(projection_behind|mail_pending|queue_jobs)\b/;
    return isSent && [...found].every(([series, value]) => value === 0 || !left.test(series));
  });
  expect(namesOf(metrics)).toContain("process_resident_memory_bytes");

  const { head, projections } = await health(server.url);
  expect(head).toBeGreaterThan(0);
  expect(metrics.get(HEAD)).toBe(head);
  for (const { name } of projections)
    expect([
      metrics.get(`daybook_projection_position{projection="${name}"}`),
      metrics.get(`daybook_projection_behind{projection="${name}"}`),
      metrics.get(`daybook_projection_parked{projection="${name}"}`),
      metrics.get(`daybook_sampled_differing_total{projection="${name}"}`),
    ]).toEqual([head, 0, 0, 0]);
  for (const store of ["events", "documents", "state"])
    expect(metrics.get(`daybook_store_down{store="${store}"}`)).toBe(0);
  for (const state of ["waiting", "running", "delayed"])
    expect(metrics.get(`daybook_queue_jobs{state="${state}"}`)).toBe(0);
  expect(metrics.get("daybook_subscription_down")).toBe(0);
  expect(metrics.get("daybook_mail_oldest_due_seconds")).toBe(0);

  for (const [kind, name, count] of [
    ["command", "RenameUser", 1],
    ["query", "people.get", 2],
  ] as const) {
    const series = `daybook_${kind}_seconds`;
    const label = `${kind}="${name}"`;
    expect(metrics.get(`${series}_count{${label}}`)).toBe(count);
    expect(metrics.get(`${series}_bucket{${label},le="+Inf"}`)).toBe(count);
    expect(metrics.get(`${series}_sum{${label}}`)).toBeGreaterThan(0);
    const buckets = [...metrics].filter(([one]) => one.startsWith(`${series}_bucket{${label}`));
    const counts = buckets.map(([, so]) => so);
    expect(counts.length).toBeGreaterThan(10);
    expect(counts).toEqual(counts.toSorted((one, other) => one - other));
  }
  const everything = [...metrics.keys()].join("\n");
  for (const personal of [grace.email, "grace", "Hopper", user, "admin"])
    expect([personal, everything.includes(personal)]).toEqual([personal, false]);
});

// A monitor that hangs or fails tells least when it is needed most.
test("an event store that is away is told of, and hides nothing else", async () => {
  const eventStore = await place.opened(startEventStoreDb(place.path()));
  const { url } = await started({ EVENTSTORE_URL: eventStore.url, DAYBOOK_DEMO: "1" });
  await untilReady(url);
  expect(await health(url)).toMatchObject({ connection: { down: false } });

  await eventStore.kill();
  const away = await metricsOnce(url, (found) => found.get("daybook_subscription_down") === 1);
  expect(away.get('daybook_store_down{store="events"}')).toBe(1);
  expect(away.get('daybook_store_down{store="documents"}')).toBe(0);
  expect(away.has(HEAD)).toBe(false);
  expect(away.get('daybook_projection_position{projection="people"}')).toBeGreaterThan(0);
  expect(await health(url)).toMatchObject({ status: "unavailable", connection: { down: true } });

  await eventStore.start();
  const back = await metricsOnce(
    url,
    (found) => found.get('daybook_store_down{store="events"}') === 0 && found.has(HEAD),
  );
  expect(back.get(HEAD)).toBeGreaterThan(0);
  expect(back.get("daybook_subscription_restarts_total")).toBeGreaterThan(0);
  await untilReady(url);
});

test("an event store that hangs does not make the monitor hang", async () => {
  const eventStore = await place.opened(startEventStoreDb(place.path()));
  const { url } = await started({ EVENTSTORE_URL: eventStore.url, DAYBOOK_DEMO: "1" });
  await eventStore.misbehave({ stalled: true });
  const stalled = await metricsOf(url, { signal: AbortSignal.timeout(SCRAPE_MS) });
  expect(stalled.get('daybook_store_down{store="events"}')).toBe(1);
  expect(stalled.get('daybook_store_down{store="documents"}')).toBe(0);
  expect(stalled.has(HEAD)).toBe(false);
});

test("a subscription that is down degrades a server that is ready otherwise", async () => {
  const eventStore = await place.opened(startEventStoreDb(place.path()));
  const { url } = await started({ EVENTSTORE_URL: eventStore.url, DAYBOOK_DEMO: "1" });
  // Enough for what reads one event, and too little for a subscription to last.
  await eventStore.misbehave({ dropAfter: 2 });
  await eventStore.drop();
  const report = await eventually(async () => {
    const found = await health(url);
    return found.status === "degraded" ? found : undefined;
  });
  expect(report.connection.down).toBe(true);
  await eventStore.misbehave({ dropAfter: undefined });
  await untilReady(url);
});

onMongoEngine("metrics of processes of their own", (engine) => {
  test("tell of what each does, and of documents that are away", { timeout: 180_000 }, async () => {
    const eventStore = await place.opened(startEventStoreDb(place.path()));
    const env = {
      EVENTSTORE_URL: eventStore.url,
      MONGODB_URL: engine().url,
      DAYBOOK_KEY: Buffer.alloc(32, 5).toString("base64"),
      DAYBOOK_DATA: place.file("data"),
      DAYBOOK_METRICS_PORT: "0",
      SMTP_URL: "smtp://127.0.0.1:1",
      PORT: "0",
    };
    const open = async (role: "api" | "worker") => {
      const { child, exited, running, monitor, output } = spawnServer(env, { role });
      const close = async () => {
        child.kill("SIGTERM");
        await exited;
      };
      await place.opened(Promise.resolve({ close }));
      await running;
      return monitor() ?? expect.fail(output());
    };
    const [worker, api] = await Promise.all([open("worker"), open("api")]);

    const atApi = await withAll(api, ofStores);
    for (const name of daybook(ofWork)) expect(namesOf(atApi)).not.toContain(name);
    await withAll(worker, [...ofStores, ...ofWork]);
    for (const store of ["documents", "state"])
      expect(atApi.get(`daybook_store_connections{store="${store}",state="open"}`)).toBeGreaterThan(
        0,
      );

    await engine().kill();
    for (const url of [worker, api]) {
      const away = await metricsOnce(
        url,
        (found) => found.get('daybook_store_down{store="documents"}') === 1,
      );
      expect(away.get('daybook_store_down{store="events"}')).toBe(0);
      expect(away.has(HEAD)).toBe(true);
      expect(away.has("daybook_mail_pending")).toBe(false);
    }
    await engine().start();
    for (const url of [worker, api]) await withAll(url, ["mail_pending"]);
  });
});
