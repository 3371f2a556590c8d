import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  type BackupOptions,
  lockFolder,
  makeBackup,
  openStores,
  type RestoreOptions,
  restoreBackup,
  type Step,
  type Stores,
} from "@daybook/adapters";
import { ERASED } from "@daybook/domain";
import { describe, expect, test } from "vitest";
import { mountDisk } from "../support/disk.ts";
import { newEvent } from "../support/events.ts";
import { temporaryFolder } from "../support/folder.ts";

const KEY = Buffer.alloc(32, 3).toString("base64");
const at = new Date("2026-01-01T12:00:00.000Z");
const signal = new AbortController().signal;
const place = temporaryFolder();

const data = () => place.file("data");
const copy = () => place.file("backups/first");
const config = (key?: string) => ({ data: data(), key });
const open = (key?: string): Promise<Stores> => place.opened(openStores(config(key)));

const backUp = (options: Partial<BackupOptions> = {}) =>
  makeBackup({
    ...{ config: config(), target: copy(), version: "1.0.0", now: () => at },
    ...{ signal, progress: () => {}, ...options },
  });

const restore = (options: Partial<RestoreOptions> = {}) =>
  restoreBackup({
    ...{ config: config(), source: copy(), replace: true, erasures: undefined, now: () => at },
    ...{ signal, progress: () => {}, ...options },
  });

/** Records the attempt of somebody to sign in, with an address that is sealed under their key. */
const record = ({ events }: Stores, subject: string) =>
  events.append(`person-${subject}`, "any", [
    newEvent("Visited", {}, { subject, actor: { kind: "user", id: subject }, ip: "198.51.100.23" }),
  ]);

/** Whose addresses can be read, and whose not. */
async function addresses({ events }: Stores): Promise<Record<string, unknown>> {
  const all = await Array.fromAsync(events.readAll());
  return Object.fromEntries(all.map(({ meta }) => [meta.subject, meta.ip]));
}

const OPEN = "198.51.100.23";

/** Records two people, and closes the installation. */
async function twoPeople(key?: string) {
  const stores = await open(key);
  await record(stores, "ada");
  await record(stores, "grace");
  await place.closed(stores);
}

describe("a back-up", () => {
  test("restores log and keys, and nothing that is derived", async () => {
    await twoPeople();
    const { events, head, files } = await backUp();
    expect({ events, head }).toEqual({ events: 2, head: 2 });
    expect(files.map(({ name }) => name)).toEqual(["events.db", "state.db", "server.key"]);
    rmSync(data(), { recursive: true });
    expect(await restore({ replace: false })).toMatchObject({ erased: 0, replaced: undefined });
    expect(existsSync(join(data(), "views.db"))).toBe(false);
    expect(await addresses(await open())).toEqual({ ada: OPEN, grace: OPEN });
  });

  // The log is copied before the keys: a person made in between has a key without an event, never
  // an event without a key.
  test("of an installation that goes on is whole", async () => {
    const stores = await open();
    let made = 0;
    const busy = new AbortController();
    const writing = (async () => {
      while (!busy.signal.aborted) await record(stores, `person-${made++}`);
    })();
    while (made < 50) await new Promise(setImmediate);
    const { events, head } = await backUp();
    busy.abort();
    await writing;
    // The last that was counted is still under way.
    expect(events).toBeGreaterThanOrEqual(49);
    expect(events).toBe(head);
    await place.closed(stores);
    await restore();
    const restored = await addresses(await open());
    expect(Object.keys(restored)).toHaveLength(events);
    expect(new Set(Object.values(restored))).toEqual(new Set([OPEN]));
  });

  test("does not hold a key that is kept apart, and is of no use under another", async () => {
    await twoPeople(KEY);
    const { files } = await backUp({ config: config(KEY) });
    expect(files.map(({ name }) => name)).toEqual(["events.db", "state.db"]);
    await expect(restore()).rejects.toThrow("another server key");
    await restore({ config: config(KEY) });
    expect(await addresses(await open(KEY))).toEqual({ ada: OPEN, grace: OPEN });
  });

  test("is refused where something is there already", async () => {
    await twoPeople();
    await backUp();
    await expect(backUp()).rejects.toThrow("is not empty");
  });

  test("that is broken off on the way leaves nothing", async () => {
    const stores = await open();
    const many = Array.from({ length: 1500 }, () => newEvent("Noted", {}));
    await stores.events.append("note-1", "none", many);
    const breaking = new AbortController();
    const told: Step[] = [];
    const progress = (step: Step) => {
      told.push(step);
      breaking.abort(new Error("Ctrl-C"));
    };
    const made = backUp({ signal: breaking.signal, progress });
    await expect(made).rejects.toThrow("Ctrl-C");
    expect(told.at(-1)).toMatchObject({ unit: "events", done: 1000, total: 1500 });
    expect(readdirSync(dirname(copy()))).toEqual([]);
  });

  test("onto a disk that is full leaves nothing", async ({ skip }) => {
    await twoPeople();
    const disk = mountDisk(place.file("disk"), 48);
    if (!disk) return skip("this machine lets nobody mount a disk");
    try {
      await expect(backUp({ target: place.file("disk/copy") })).rejects.toThrow(/full|ENOSPC/);
      expect(readdirSync(place.file("disk"))).toEqual([]);
    } finally {
      disk.unmount();
    }
  });

  test("is not made of a log whose keys are lost", async () => {
    await twoPeople();
    const state = await place.opened(openStores(config()));
    await state.state.remove("keys", ["ada"]);
    await place.closed(state);
    await expect(backUp()).rejects.toThrow("the key that seals event");
    expect(existsSync(copy())).toBe(false);
  });

  test("keeps what retention has left, and finds an event that it has not taken", async () => {
    const stores = await open();
    for (const subject of ["ada", "ada", "ada"]) await record(stores, subject);
    const later = newEvent("Visited", {}, { at: "2026-06-01T12:00:00.000Z" });
    await stores.events.append("person-ada", "any", [later]);
    await stores.events.deleteBefore("person", new Date("2026-05-01T00:00:00.000Z"));
    expect(await backUp()).toMatchObject({ events: 1, head: 4 });
    await stores.events.append("person-ada", "any", [
      newEvent("Visited", {}),
      newEvent("Visited", {}),
    ]);
    await place.closed(stores);
    using log = new DatabaseSync(join(data(), "events.db"));
    log.exec("DELETE FROM events WHERE position = 5");
    await expect(backUp({ target: place.file("second") })).rejects.toThrow(
      "events of person-ada are missing",
    );
  });
});

describe("restoring", () => {
  test("is refused where a server runs, or an installation is not to be replaced", async () => {
    await twoPeople();
    await backUp();
    await expect(restore({ replace: false })).rejects.toThrow("--replace moves it aside");
    const unlock = lockFolder(data());
    // The lock of this process is nobody else's, so a second one is as good as another server.
    await expect(restore()).rejects.toThrow("another server is running");
    unlock();
  });

  test("moves aside what was there, and deletes nothing of it", async () => {
    await twoPeople();
    await backUp();
    const stores = await open();
    await record(stores, "later");
    await place.closed(stores);
    const { replaced } = await restore();
    expect(await addresses(await open())).toEqual({ ada: OPEN, grace: OPEN });
    const before = await place.opened(openStores({ data: String(replaced), key: undefined }));
    expect(await addresses(before)).toEqual({ ada: OPEN, grace: OPEN, later: OPEN });
  });

  test.each([
    [
      "a file that was changed",
      () => truncateSync(join(copy(), "events.db"), 5000),
      "is not as it was",
    ],
    ["a file that is missing", () => rmSync(join(copy(), "state.db")), "state.db is missing"],
    [
      "no manifest",
      () => rmSync(join(copy(), "manifest.json")),
      "is no back-up that was completed",
    ],
    [
      "a manifest that leads elsewhere",
      () => {
        const path = join(copy(), "manifest.json");
        writeFileSync(path, readFileSync(path, "utf8").replace("server.key", "../server.key"));
      },
      "manifest.json is damaged",
    ],
  ])("refuses a back-up with %s, and leaves the installation alone", async (_, damage, says) => {
    await twoPeople();
    await backUp();
    damage();
    await expect(restore()).rejects.toThrow(says);
    expect(await addresses(await open())).toEqual({ ada: OPEN, grace: OPEN });
  });

  test("ends all sessions", async () => {
    const stores = await open();
    await stores.state.ensure({ name: "sessions", indexes: [] });
    const row = { id: "token", organization: "" };
    await stores.state.write("sessions", [{ id: "token", row, guard: 0, after: undefined }]);
    await place.closed(stores);
    await backUp();
    await restore();
    const again = await open();
    expect(await again.state.collections()).not.toContain("sessions");
  });
});

// An erased person must not come back, from whichever copy of the keys.
describe("who was erased stays erased", () => {
  const ledger = () => join(data(), "erasures.jsonl");

  async function erase(subject: string) {
    const stores = await open();
    await stores.keyring.erase(subject, at);
    await place.closed(stores);
  }
  const restored = async () => addresses(await open());

  test("by the ledger of the folder that is replaced", async () => {
    await twoPeople();
    await backUp();
    await erase("ada");
    expect(await restore()).toMatchObject({ erased: 1 });
    expect(await restored()).toEqual({ ada: ERASED, grace: OPEN });
    await expect((await open()).keyring.keyFor("ada")).rejects.toThrow("ada");
  });

  test("by the ledger of the back-up, on a new machine", async () => {
    await twoPeople();
    await erase("ada");
    await backUp();
    rmSync(data(), { recursive: true });
    await restore();
    expect(await restored()).toEqual({ ada: ERASED, grace: OPEN });
  });

  test("by a ledger that is given, and once more by what was kept of it", async () => {
    await twoPeople();
    await backUp();
    const given = place.file("saved.jsonl");
    // Made by hand, without a line break at the end.
    writeFileSync(given, JSON.stringify({ subject: "grace", at: at.toISOString() }));
    await restore({ erasures: given });
    expect(await restored()).toEqual({ ada: OPEN, grace: ERASED });
    rmSync(given);
    await restore();
    expect(await restored()).toEqual({ ada: OPEN, grace: ERASED });
  });

  test("where the process ended between the ledger and the key", async () => {
    await twoPeople();
    writeFileSync(ledger(), `${JSON.stringify({ subject: "ada", at: at.toISOString() })}\n`);
    expect(await restored()).toEqual({ ada: ERASED, grace: OPEN });
  });

  test("a line that was cut off names nobody, and is not run into", async () => {
    await twoPeople();
    writeFileSync(ledger(), '{"subject":"ada","at":"2026-');
    expect(await restored()).toEqual({ ada: OPEN, grace: OPEN });
    await erase("grace");
    expect(readFileSync(ledger(), "utf8")).toBe(
      `${JSON.stringify({ subject: "grace", at: at.toISOString() })}\n`,
    );
  });

  test("a line in the middle that says nothing ends the start", async () => {
    await twoPeople();
    writeFileSync(ledger(), 'nothing\n{"subject":"ada","at":"2026-01-01T12:00:00.000Z"}\n');
    await expect(open()).rejects.toThrow("erasures.jsonl: line 1 is no erasure");
  });

  test("the key is in none of the files any more", async () => {
    await twoPeople();
    const stores = await open();
    const document = await stores.state.get<{ id: string; organization: string; wrapped: string }>(
      "keys",
      "ada",
    );
    const wrapped = String(document?.row?.wrapped);
    const bytes = () =>
      ["state.db", "state.db-wal"]
        .map((name) => readFileSync(join(data(), name), { flag: "a+", encoding: "latin1" }))
        .join();
    expect(bytes()).toContain(wrapped);
    await stores.keyring.erase("ada", at);
    expect(bytes()).not.toContain(wrapped);
  });

  // The other holds the key in memory, and reads the ledger's size before it uses it.
  test("at once for another process that has used the key", async () => {
    await twoPeople();
    const [one, another] = [await open(), await open()];
    expect(await addresses(one)).toEqual({ ada: OPEN, grace: OPEN });
    await another.keyring.erase("ada", at);
    expect(await addresses(one)).toEqual({ ada: ERASED, grace: OPEN });
    await expect(one.keyring.keyFor("ada")).rejects.toThrow("ada");
  });
});
