import type { StoreSettings } from "@daybook/adapters";
import { inProcessQueue, mailbox } from "@daybook/adapters";
import {
  type App,
  deleteBefore,
  openApp,
  readRebuild,
  requestRebuild,
  startRunner,
  verify,
} from "@daybook/application";
import { catalogue, signIn } from "@daybook/domain";
import type { PersonRow, Row } from "@daybook/projections";
import { startWorker } from "@daybook/worker";
import { v7 } from "uuid";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventStoreDbs } from "../support/event-store-db.ts";
import { newEvent } from "../support/events.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryFolder } from "../support/folder.ts";
import { onMongo } from "../support/mongodb.ts";
import { differencesFromLog } from "../support/verified.ts";

const DAY_MS = 24 * 3_600_000;
const now = () => new Date("2026-04-10T15:30:00.000Z");
const cut = new Date("2026-01-10T00:00:00.000Z");
const [old, young] = ["2026-01-09T23:10:00.000Z", "2026-01-10T00:05:00.000Z"];

const key = Buffer.alloc(32, 5).toString("base64");
const forgetful = ["people", "history", "sign-in-hours"];

const servers = eventStoreDbs();
afterAll(servers.close);
const place = temporaryFolder();

const claim = { name: "claim", token: "first" };
const created = (username: string) =>
  newEvent(
    "UserCreated",
    {
      ...{ username, email: "", firstName: "", lastName: "", phone: "", homeRole: "member" },
      ...{ emailClaim: claim, usernameClaim: claim },
    },
    { subject: username, at: old },
  );

async function signsIn({ events }: App, subject: string, at: string) {
  const meta = { subject, at };
  await events.append(`signin-${subject}`, "any", [
    newEvent("SignInAttempted", { attempt: "a", network: "home" }, meta),
    newEvent("SignInFailed", { attempt: "a", reason: "wrong-password" }, meta),
    newEvent("SignInSucceeded", { attempt: "b", credential: "first" }, meta),
  ]);
}

const errors: unknown[] = [];
const onError = (error: unknown) => errors.push(error);

const running = (app: App) =>
  place.opened(
    startRunner({ ...app, catalogue, onError }).then((runner) => ({
      ...runner,
      close: runner.stop,
    })),
  );

/** Waits until the read models have come to the end of the log, and that is durable. */
async function settled({ events, views }: App) {
  const head = await events.head();
  for (const { name } of views.projections) await views.waitFor(name, head, 20_000);
  await views.saveCheckpoints();
}

async function rowsOf(
  { documents, views }: App,
  name: string,
): Promise<Record<string, Row | null>> {
  const all = await Array.fromAsync(documents.scan(views.serving(name)));
  return Object.fromEntries(all.map(({ id, row }) => [id, row]));
}

const allRows = async (app: App) =>
  Object.fromEntries(
    await Promise.all(forgetful.map(async (name) => [name, await rowsOf(app, name)] as const)),
  );

/** What the read models still say of a time before the cut. */
async function remains(app: App): Promise<string[]> {
  const rows = Object.values(await allRows(app)).flatMap((found) => Object.values(found));
  return rows
    .map((row) => row as Row & { kind?: string; at?: string; lastSignInAt?: string })
    .filter(({ kind = "sign-in", at, lastSignInAt }) =>
      kind === "sign-in" ? (lastSignInAt || at || young) < cut.toISOString() : false,
    )
    .map(({ id }) => id);
}

async function rebuilt(app: App) {
  for (const name of forgetful) {
    await requestRebuild(app.documents, name);
    await eventually(async () => {
      const { state, error } = (await readRebuild(app.documents, name)) ?? {};
      if (state === "failed") throw new Error(error);
      return state === "done" ? true : undefined;
    });
  }
}

const fail = (): never => {
  throw new Error("the process has died");
};

function retention(settings: () => Promise<Partial<StoreSettings>>) {
  let app: App;

  const open = async () =>
    place.opened(openApp({ data: place.file("data"), key, ...(await settings()) }, now));

  afterEach(() => expect(errors.splice(0)).toEqual([]));

  // Ada has signed in since the cut, Grace has not.
  beforeEach(async () => {
    app = await open();
    for (const name of ["ada", "grace"]) {
      await app.events.append(`user-${name}`, "none", [created(name)]);
      await signsIn(app, name, old);
    }
    await signsIn(app, "ada", young);
    const runner = await running(app);
    await settled(app);
    await place.closed(runner);
    expect(await remains(app)).toHaveLength(6);
  });

  test("documents tell what is left of the log, and the same when they are built again", async () => {
    await deleteBefore(app, signIn.stream, cut);
    const left = await Array.fromAsync(app.events.readAll({ types: ["SignInSucceeded"] }));
    expect(left.map(({ meta }) => meta.at)).toEqual([young]);
    expect(await remains(app)).toEqual([]);
    expect(await rowsOf(app, "people")).toMatchObject({
      ...{ ada: { lastSignInAt: young }, grace: { lastSignInAt: "", username: "grace" } },
    });
    expect(Object.keys(await rowsOf(app, "sign-in-hours"))).toHaveLength(1);
    // Two creations, and how the two attempts since went.
    expect(Object.keys(await rowsOf(app, "history"))).toHaveLength(4);
    expect(await differencesFromLog(app)).toEqual([]);

    const before = await allRows(app);
    await running(app);
    await rebuilt(app);
    expect(app.views.serving("people")).toMatch(/\.1$/);
    expect(await allRows(app)).toEqual(before);
    expect(await differencesFromLog(app)).toEqual([]);
  });

  test.each<[string, (app: App) => App]>([
    [
      "in the middle of the events",
      ({ events, ...others }) => ({
        ...others,
        events: {
          ...events,
          deleteBefore: async (...asked) => {
            await events.deleteBefore(...asked);
            return fail();
          },
        },
      }),
    ],
    [
      "between events and documents",
      ({ documents, ...others }) => ({ ...others, documents: { ...documents, scan: fail } }),
    ],
    [
      "in the middle of the documents",
      ({ documents, ...others }) => ({ ...others, documents: { ...documents, remove: fail } }),
    ],
  ])("a crash %s shows no difference, and is made good the next time", async (_, dying) => {
    await expect(deleteBefore(dying(app), signIn.stream, cut)).rejects.toThrow("died");
    expect(await remains(app)).not.toEqual([]);
    expect(await differencesFromLog(app)).toEqual([]);
    await deleteBefore(app, signIn.stream, cut);
    expect(await remains(app)).toEqual([]);
    expect(await differencesFromLog(app)).toEqual([]);
  });

  test("a comparison that it happens in the middle of shows no difference", async () => {
    const { documents, events, views } = app;
    for (const projection of views.projections) {
      const { name } = projection;
      const collection = views.serving(name);
      const upTo = (await views.checkpoint(collection))?.position ?? 0;
      let isFirst = name === forgetful[0];
      const readAll: typeof events.readAll = async function* (options) {
        // After the documents were read, and before the log is.
        if (isFirst) await deleteBefore(app, signIn.stream, cut);
        isFirst = false;
        yield* events.readAll(options);
      };
      const parts = { documents, events: { ...events, readAll } };
      expect((await verify(parts, projection, { collection, upTo })).differing).toEqual([]);
    }
  });

  // A worker may fold an event that it has read before, and hold documents as they were.
  test("what is folded from before comes back for no longer than until the next time", async () => {
    const before = await allRows(app);
    await deleteBefore(app, signIn.stream, cut);
    for (const name of ["history", "sign-in-hours"]) {
      const collection = app.views.serving(name);
      const there = await rowsOf(app, name);
      const back = Object.entries(before[name] ?? {}).filter(([id]) => !(id in there));
      const writes = back.map(([id, row]) => ({ id, row, guard: 1, after: undefined }));
      expect(await app.documents.write(collection, writes)).toEqual([]);
    }
    expect(await remains(app)).not.toEqual([]);
    expect(await differencesFromLog(app)).toEqual([]);
    await deleteBefore(app, signIn.stream, cut);
    expect(await remains(app)).toEqual([]);
  });

  test("who holds a document as it was writes nothing back of what it has forgotten", async () => {
    await running(app);
    const rename = (lastName: string) =>
      app.events.append("user-grace", "any", [
        newEvent("UserRenamed", { firstName: "Grace", lastName }, { subject: "grace" }),
      ]);
    await rename("Murray");
    await settled(app);
    await deleteBefore(app, signIn.stream, cut);
    await rename("Hopper");
    await settled(app);
    const { grace } = await rowsOf(app, "people");
    expect(grace).toMatchObject({
      lastName: "Hopper",
      lastSignInAt: "",
    } satisfies Partial<PersonRow>);
    expect(await differencesFromLog(app)).toEqual([]);
  });

  test("a longer term after a shorter one leaves nothing of what the shorter had deleted", async () => {
    const { documents } = app;
    const dying = { ...app, documents: { ...documents, scan: fail } };
    await expect(deleteBefore(dying, signIn.stream, cut)).rejects.toThrow("died");
    await deleteBefore(app, signIn.stream, new Date(cut.getTime() - 30 * DAY_MS));
    expect(await remains(app)).toEqual([]);
    expect(await differencesFromLog(app)).toEqual([]);
  });

  test("a rebuild beside it serves what is left of the log", async () => {
    await running(app);
    await Promise.all([rebuilt(app), deleteBefore(app, signIn.stream, cut)]);
    expect(await differencesFromLog(app)).toEqual([]);
    await deleteBefore(app, signIn.stream, cut);
    expect(await remains(app)).toEqual([]);
    expect(await differencesFromLog(app)).toEqual([]);
  });

  test("a worker that starts does it, by whole days", async () => {
    const worker = await startWorker({
      ...{ app, signInDays: 90, onError, newId: v7, url: () => "http://test.example" },
      mailer: mailbox(place.file("mailbox"), "daybook@test.example", now),
      queue: inProcessQueue(now, onError),
    });
    await place.opened(Promise.resolve({ close: worker.stop }));
    await eventually(async () => ((await remains(app)).length === 0 ? true : undefined));
    await settled(app);
    expect(await rowsOf(app, "people")).toMatchObject({ ada: { lastSignInAt: young } });
    expect(await differencesFromLog(app)).toEqual([]);
  });
}

const eventStoreDb = async () => ({
  eventStoreUrl: (await servers.serve(place.path())).url,
});

describe("retention on embedded stores", () => retention(async () => ({})));

describe("retention on EventStoreDB", () => retention(eventStoreDb));

onMongo("retention on EventStoreDB and MongoDB", (mongo) => {
  retention(async () => ({
    ...(await eventStoreDb()),
    mongodbUrl: mongo.url().replace(/\/(\?|$)/, `/${mongo.database(place.path())}$1`),
  }));
});
