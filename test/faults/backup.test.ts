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
import { lockFolder, openStores, type Step } from "@daybook/adapters";
import { describe, expect, test } from "vitest";
import { ADDRESS, addresses, backups, visit } from "../support/backups.ts";
import { mountDisk } from "../support/disk.ts";
import { newEvent } from "../support/events.ts";

const KEY = Buffer.alloc(32, 3).toString("base64");
const { place, data, copy, config, open, backUp, restore, twoVisits } = backups();

describe("a back-up", () => {
  test("restores log and keys, and nothing that is derived", async () => {
    await twoVisits();
    const { events, head, files } = await backUp();
    expect({ events, head }).toEqual({ events: 2, head: 2 });
    expect(files.map(({ name }) => name)).toEqual(["events.db", "state.db", "server.key"]);
    rmSync(data(), { recursive: true });
    expect(await restore({ replace: false })).toMatchObject({ erased: 0, replaced: undefined });
    expect(existsSync(join(data(), "views.db"))).toBe(false);
    expect(await addresses(await open())).toEqual({ ada: ADDRESS, grace: ADDRESS });
  });

  // The log is copied before the keys: a person made in between has a key without an event, never
  // an event without a key.
  test("of an installation that goes on is whole", async () => {
    const stores = await open();
    let made = 0;
    const busy = new AbortController();
    const writing = (async () => {
      while (!busy.signal.aborted) await visit(stores, `person-${made++}`);
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
    expect(new Set(Object.values(restored))).toEqual(new Set([ADDRESS]));
  });

  test("does not hold a key that is kept apart, and is of no use under another", async () => {
    await twoVisits(KEY);
    const { files } = await backUp({ config: config(KEY) });
    expect(files.map(({ name }) => name)).toEqual(["events.db", "state.db"]);
    await expect(restore()).rejects.toThrow("another server key");
    await restore({ config: config(KEY) });
    expect(await addresses(await open(KEY))).toEqual({ ada: ADDRESS, grace: ADDRESS });
  });

  test("is refused where something is there already", async () => {
    await twoVisits();
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
    await twoVisits();
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
    await twoVisits();
    const state = await place.opened(openStores(config()));
    await state.state.remove("keys", ["ada"]);
    await place.closed(state);
    await expect(backUp()).rejects.toThrow("the key that seals event");
    expect(existsSync(copy())).toBe(false);
  });

  test("keeps what retention has left, and finds an event that it has not taken", async () => {
    const stores = await open();
    for (const subject of ["ada", "ada", "ada"]) await visit(stores, subject);
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
    await twoVisits();
    await backUp();
    await expect(restore({ replace: false })).rejects.toThrow("--replace moves it aside");
    const unlock = lockFolder(data());
    // The lock of this process is nobody else's, so a second one is as good as another server.
    await expect(restore()).rejects.toThrow("another server is running");
    unlock();
  });

  test("moves aside what was there, and deletes nothing of it", async () => {
    await twoVisits();
    await backUp();
    const stores = await open();
    await visit(stores, "later");
    await place.closed(stores);
    const { replaced } = await restore();
    expect(await addresses(await open())).toEqual({ ada: ADDRESS, grace: ADDRESS });
    const before = await place.opened(openStores({ data: String(replaced), key: undefined }));
    expect(await addresses(before)).toEqual({ ada: ADDRESS, grace: ADDRESS, later: ADDRESS });
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
    await twoVisits();
    await backUp();
    damage();
    await expect(restore()).rejects.toThrow(says);
    expect(await addresses(await open())).toEqual({ ada: ADDRESS, grace: ADDRESS });
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
