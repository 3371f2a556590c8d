import { copyFileSync } from "node:fs";
import { openSqliteEventStore } from "@daybook/adapters";
import { describe, expect, test } from "vitest";
import { newEvent } from "../support/events.ts";
import { temporaryFolder } from "../support/folder.ts";
import { contractCatalogue, eventStoreContract } from "./event-store-contract.ts";
import { openPlain, openSealed } from "./stores.ts";

eventStoreContract("SQLite", openPlain);
eventStoreContract("SQLite, sealed", (folder) => openSealed(folder, contractCatalogue));

describe("SQLite alone", () => {
  const place = temporaryFolder();

  test("what was given before the close is stored", async () => {
    const store = await place.opened(openPlain(place.path()));
    const opened = (n: number) => newEvent("DoorOpened", { door: `${n}` });
    const appends = Array.from({ length: 50 }, (_, n) =>
      store.append(`person-${n}`, "none", [opened(n)]),
    );
    await Promise.all([...appends, place.closed(store)]);
    const again = await place.opened(openPlain(place.path()));
    expect(await Array.fromAsync(again.readAll())).toHaveLength(50);
  });
});

describe("SQLite's files", () => {
  const place = temporaryFolder();

  // Whoever stops the server and copies the log must not leave its last events behind.
  test("a log that was closed is whole in its one file", async () => {
    const store = await place.opened(openPlain(place.path()));
    for (const n of [0, 1, 2])
      await store.append(`person-${n}`, "none", [newEvent("DoorOpened", { door: `${n}` })]);
    await place.closed(store);
    copyFileSync(place.file("events.db"), place.file("copy.db"));
    const copy = await place.opened(openSqliteEventStore(place.file("copy.db")));
    expect(await Array.fromAsync(copy.readAll())).toHaveLength(3);
    expect(copy.logId).toBe(store.logId);
  });
});
