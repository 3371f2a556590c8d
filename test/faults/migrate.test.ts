import { appendFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  lockFolder,
  type MigrateOptions,
  migrate,
  type Step,
  type StoreSettings,
} from "@daybook/adapters";
import { findSetUp } from "@daybook/application";
import { signIn } from "@daybook/domain";
import { afterAll, describe, expect, test } from "vitest";
import { eventStoreDbs } from "../support/event-store-db.ts";
import { temporaryFolder } from "../support/folder.ts";
import {
  countIn,
  fill,
  killAt,
  problemsOf,
  rename,
  signInAs,
  startMigrating,
  storedLog,
  using,
} from "../support/migrating.ts";
import { type Mongo, onMongo } from "../support/mongodb.ts";
import { seeded, testSeed } from "../support/random.ts";

const KEY = Buffer.alloc(32, 3).toString("base64");
const seed = testSeed();
process.stderr.write(`TEST_SEED=${seed} repeats the kills of migrations\n`);
/** How often each is killed; a start takes some seconds where others share the machine. */
const KILLS = 3;
const KILLING_MS = 180_000;

const place = temporaryFolder();
const servers = eventStoreDbs();
afterAll(servers.close);

const quiet = { progress: () => {}, signal: new AbortController().signal };
const folder = (name: string): StoreSettings => ({ data: place.file(name), key: undefined });
const erasuresOf = ({ data }: StoreSettings) => join(data, "erasures.jsonl");
const move = (source: StoreSettings, target: StoreSettings, work: Partial<MigrateOptions> = {}) =>
  migrate({ ...quiet, source, target, ...work });

/** Production engines of a test's own, and the file that the server keeps the log in. */
async function engines(mongo: Mongo, name: string) {
  const log = place.file(`${name}-log`);
  mkdirSync(log);
  const { url } = await servers.serve(log);
  const database = `${mongo.database(place.path())}-${name}`;
  const mongodbUrl = mongo.url().replace(/\/(\?|$)/, `/${database}$1`);
  const settings = { data: place.file(name), key: undefined, eventStoreUrl: url, mongodbUrl };
  return { settings, file: join(log, "events.db") };
}

describe("migrating to another folder", () => {
  test("keeps everything, and changes nothing when it is run again", async () => {
    const [a, b] = [folder("a"), folder("b")];
    const filled = await using(a, fill);
    const before = await using(a, findSetUp);
    const { checksum, events, copied, shifted } = await move(a, b);
    expect(await storedLog(b)).toEqual(await storedLog(a));
    expect({ copied, shifted }).toEqual({ copied: events, shifted: [] });
    expect(await move(a, b)).toMatchObject({ checksum, events, copied: 0 });
    expect(await using(b, findSetUp)).toEqual(before);
    expect(await problemsOf(b, filled)).toEqual([]);
    expect(readFileSync(join(b.data, "server.key"))).toEqual(
      readFileSync(join(a.data, "server.key")),
    );
  });

  // What clients have seen of the source means nothing in the target.
  test("makes a log of its own with the source's origin, also over several steps", async () => {
    const [a, b, c] = [folder("a"), folder("b"), folder("c")];
    await using(a, fill);
    await move(a, b);
    await move(b, c);
    const ids = await Promise.all([a, b, c].map((one) => using(one, async ({ events }) => events)));
    expect(new Set(ids.map(({ logId }) => logId)).size).toBe(3);
    expect(new Set(ids.map(({ originId }) => originId))).toEqual(new Set([ids[0]?.logId]));
  });

  test("moves on what was recorded since, and back", async () => {
    const [a, b] = [folder("a"), folder("b")];
    const filled = await using(a, fill);
    await move(a, b);
    await using(b, (app) => rename(app, filled.organization, filled.ada, 3));
    await expect(move(a, b)).rejects.toThrow("has gone on by itself");
    expect(await problemsOf(b, filled)).toEqual([]);
    expect(await move(b, a)).toMatchObject({ shifted: [] });
    expect(await storedLog(a)).toEqual(await storedLog(b));
    expect(await problemsOf(a, filled)).toEqual([]);
  });

  test("refuses, and leaves alone, a target of another installation", async () => {
    const [a, b] = [folder("a"), folder("b")];
    for (const one of [a, b]) await using(one, fill);
    await expect(move(a, b)).rejects.toThrow("is not the source's");
    rmSync(join(b.data, "server.key"));
    await expect(move({ ...a, key: KEY }, { ...b, key: KEY })).rejects.toThrow(
      "another server key",
    );
    const key = readFileSync(join(a.data, "server.key"), "utf8");
    const [given, target] = [
      { ...a, key },
      { ...folder("c"), key },
    ];
    await using(target, fill);
    await expect(move(given, target)).rejects.toThrow("holds another log");
    for (const one of [given, target])
      expect((await using(one, (app) => signInAs(app, "ada"))).token).not.toBe("");
  });

  test("is refused where a server runs on either, onto itself, and of nothing", async () => {
    const [a, b] = [folder("a"), folder("b")];
    await using(a, fill);
    await expect(move(a, a)).rejects.toThrow("where the source's are");
    await using(b, async () => {});
    for (const { data } of [a, b]) {
      const unlock = lockFolder(data);
      await expect(move(a, b)).rejects.toThrow("another server is running");
      unlock();
    }
    await expect(move(b, folder("c"))).rejects.toThrow("nothing to migrate");
  });

  test("tells which streams begin anew where retention has deleted events, and goes on there", async () => {
    const [a, b] = [folder("a"), folder("b")];
    const filled = await using(a, fill, () => new Date("2026-01-01T12:00:00.000Z"));
    const at = (time: string) => () => new Date(time);
    const visits = ["2026-01-02", "2026-03-01"].map((day) => at(`${day}T12:00:00.000Z`));
    for (const now of visits) await using(a, (app) => signInAs(app, "ada"), now);
    await using(a, ({ events }) =>
      events.deleteBefore(signIn.stream, new Date("2026-02-01T00:00:00.000Z")),
    );
    const { shifted } = await move(a, b);
    expect(shifted).toEqual([`signin-${filled.ada}`]);
    const [source, target] = [await storedLog(a), await storedLog(b)];
    const bare = ({ revision: _, ...event }: (typeof source)[number]) => event;
    expect(target.map(bare)).toEqual(source.map(bare));
    const revisions = target.filter(({ stream }) => shifted.includes(stream));
    expect(revisions.map(({ revision }) => revision)).toEqual([0, 1]);
    expect(await problemsOf(b, filled)).toEqual([]);
  });

  test("takes along who was erased, also where the key was still to be deleted", async () => {
    const [a, b] = [folder("a"), folder("b")];
    const { ada, grace } = await using(a, fill);
    const line = { subject: ada, at: "2026-01-01T12:00:00.000Z" };
    appendFileSync(erasuresOf(a), `${JSON.stringify(line)}\n`);
    await move(a, b);
    expect(readFileSync(erasuresOf(b), "utf8")).toBe(readFileSync(erasuresOf(a), "utf8"));
    using state = new DatabaseSync(join(b.data, "state.db"), { readOnly: true });
    const keys = state.prepare("SELECT id, doc FROM keys ORDER BY id").all();
    const erased = [ada, grace].toSorted().map((id) => ({ id, doc: null }));
    expect(keys.map((key) => ({ ...key }))).toEqual(erased);
  });

  test("finds an event that is not as it was stored", async () => {
    const [a, b] = [folder("a"), folder("b")];
    await using(a, fill);
    await move(a, b);
    using log = new DatabaseSync(join(b.data, "events.db"));
    log.exec(
      "UPDATE events SET meta = json_set(meta, '$.organization', 'other') WHERE position = 7",
    );
    await expect(move(a, b)).rejects.toThrow("event 7, ");
  });

  test("that is broken off opens for nothing but the next run", async () => {
    const [a, b] = [folder("a"), folder("b")];
    const filled = await using(a, fill);
    const breaking = new AbortController();
    const progress = ({ task, done }: Step) => {
      if (task === "Copying the events" && done > 20) breaking.abort(new Error("Ctrl-C"));
    };
    await expect(move(a, b, { progress, signal: breaking.signal })).rejects.toThrow("Ctrl-C");
    const there = countIn(join(b.data, "events.db"));
    await expect(using(b, async () => {})).rejects.toThrow("was cut off");
    await expect(move(b, folder("c"))).rejects.toThrow("was cut off");
    const { copied, events } = await move(a, b);
    expect(copied).toBe(events - there);
    expect(await problemsOf(b, filled)).toEqual([]);
  });
});

/** Kills it at random moments from the start to the end, and lets it go on. */
async function killOften(source: StoreSettings, target: StoreSettings, file: string, part: string) {
  const random = seeded(seed).fork(part);
  const all = (await storedLog(source)).length;
  const moments = Array.from({ length: KILLS }, () => random.between(0, all)).toSorted(
    (a, b) => a - b,
  );
  const found = new Set<number>();
  for (const moment of moments) {
    const over = await killAt(moment, startMigrating(source, target), file);
    if (over !== undefined) expect(over).toContain("are the same");
    found.add(countIn(file));
  }
  // That they met it in the middle of the log, too.
  expect([...found].filter((count) => count > 0 && count < all).length).toBeGreaterThan(0);
  const { code, output } = await startMigrating(source, target).ended;
  expect(output).toContain("are the same");
  expect(code).toBe(0);
}

test("killed again and again, it doubles nothing and loses nothing", {
  timeout: KILLING_MS,
}, async () => {
  const [a, b] = [folder("a"), folder("b")];
  const filled = await using(a, (app) => fill(app, 600));
  await killOften(a, b, join(b.data, "events.db"), "folder");
  expect(await storedLog(b)).toEqual(await storedLog(a));
  expect(await problemsOf(b, filled)).toEqual([]);
});

onMongo("migrating to production engines", (mongo) => {
  test("and from one to another, and back, keeps everything", async () => {
    const a = folder("a");
    const filled = await using(a, fill);
    const [one, other] = [await engines(mongo, "one"), await engines(mongo, "other")];
    // Nothing of the target's folder is used, but for the server's key.
    const settings = { ...one.settings, data: a.data };
    const { checksum } = await move(a, settings);
    expect(await storedLog(settings)).toEqual(await storedLog(a));
    expect(await move(settings, other.settings)).toMatchObject({ checksum });
    const back = folder("back");
    expect(await move(other.settings, back)).toMatchObject({ checksum, shifted: [] });
    expect(await storedLog(back)).toEqual(await storedLog(a));
    expect(readFileSync(erasuresOf(back))).toEqual(readFileSync(erasuresOf(a)));
    const made = await using(a, findSetUp);
    for (const each of [settings, other.settings, back]) {
      expect(await using(each, findSetUp)).toEqual(made);
      expect(await problemsOf(each, filled)).toEqual([]);
    }
  });

  test("takes the log where it is, if only the keys move", async () => {
    const a = { ...folder("a"), key: KEY };
    const filled = await using(a, fill);
    const { mongodbUrl } = (await engines(mongo, "one")).settings;
    expect(await move(a, { ...a, mongodbUrl })).toMatchObject({ copied: 0 });
    expect(await problemsOf({ ...a, mongodbUrl }, filled)).toEqual([]);
  });

  test("killed again and again, it doubles nothing and loses nothing", {
    timeout: KILLING_MS,
  }, async () => {
    const a = folder("a");
    const filled = await using(a, (app) => fill(app, 600));
    const { settings, file } = await engines(mongo, "one");
    await killOften(a, settings, file, "engines");
    expect(await storedLog(settings)).toEqual(await storedLog(a));
    expect(await problemsOf(settings, filled)).toEqual([]);
  });
});
