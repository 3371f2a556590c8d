import { readFileSync } from "node:fs";
import {
  type EventStore,
  fileLedger,
  openKeyring,
  openSqliteDocuments,
  openSqliteEventStore,
  sealed,
  serverKeys,
} from "@daybook/adapters";
import { catalogueOf, defineDecider, ERASED, personal, versioned } from "@daybook/domain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { newEvent } from "../support/events.ts";
import { temporaryFolder } from "../support/folder.ts";
import { openPlain, openSealed, serverKey } from "./stores.ts";

const person = defineDecider<number>()({
  stream: "person",
  commands: {},
  events: {
    PersonJoined: z.object({ plan: z.string(), email: personal(z.string()) }),
    PersonMoved: z.object({ street: personal(z.string()).optional() }),
    DoorOpened: z.object({ door: z.string() }),
  },
  initial: 0,
  decide: {},
  evolve: { PersonJoined: (n) => n, PersonMoved: (n) => n, DoorOpened: (n) => n },
});
const catalogue = catalogueOf([person]);

const joined = () => newEvent("PersonJoined", { plan: "basic-plan", email: "grace@navy.example" });

describe("sealing", () => {
  const place = temporaryFolder();
  const opened = () => place.opened(openSealed(place.path(), catalogue));

  /** The bytes of the log as they lie on the disk, also those that are still in the WAL. */
  const stored = () =>
    ["events.db", "events.db-wal"]
      .map((name) => readFileSync(place.file(name), { flag: "a+" }).toString("latin1"))
      .join();

  const first = async (store: EventStore, stream = "person-1") =>
    (await Array.fromAsync(store.readStream(stream)))[0];

  /** What erasing a person does to their key: only a tombstone is left. */
  async function eraseKey(subject: string) {
    const state = await openSqliteDocuments(place.file("state.db"), "FULL");
    await state.ensure({ name: "keys", indexes: [] });
    const found = await state.get("keys", subject);
    const write = { id: subject, row: null, guard: 1, after: found?.guard };
    expect(found?.row).not.toBeNull();
    expect(await state.write("keys", [write])).toEqual([]);
    await state.close();
  }

  // Who reads the disk or a back-up of the log without the keys learns nothing about a person.
  test("personal fields are not in the stored bytes, others are", async () => {
    const store = await opened();
    const meta = { ip: "198.51.100.23", userAgent: "Lynx/2.9 on a teletype" };
    await store.append("person-1", "none", [{ ...joined(), meta: { ...joined().meta, ...meta } }]);
    const whileOpen = stored();
    await place.closed(store);
    for (const bytes of [whileOpen, stored()]) {
      expect(bytes).toContain("basic-plan");
      expect(bytes).not.toContain("grace@navy.example");
      expect(bytes).not.toContain("198.51.100.23");
      expect(bytes).not.toContain("teletype");
    }
  });

  test("they come back open, from reads and from subscriptions, also when reopened", async () => {
    const meta = { ip: "198.51.100.23", userAgent: "Lynx/2.9" };
    const appended = { ...joined(), meta: { ...joined().meta, ...meta } };
    const recorded = { ...appended, stream: "person-1", revision: 0, position: 1 };
    const store = await opened();
    await store.append("person-1", "none", [appended]);
    await place.closed(store);
    const again = await opened();
    expect(await first(again)).toEqual(recorded);
    expect(await Array.fromAsync(again.readAll())).toEqual([recorded]);
    const abort = new AbortController();
    for await (const batch of again.subscribe({ after: 0, signal: abort.signal })) {
      expect(batch.events).toEqual([recorded]);
      abort.abort();
    }
  });

  test("a field that may be missing stays missing", async () => {
    const store = await opened();
    await store.append("person-1", "none", [newEvent("PersonMoved", {})]);
    expect(await first(store)).toMatchObject({ data: {} });
    expect((await first(store))?.data).toEqual({});
  });

  test("an event with personal data that names no subject is not stored", async () => {
    const store = await opened();
    const { subject: _, ...meta } = joined().meta;
    const append = store.append("person-1", "none", [{ ...joined(), meta }]);
    await expect(append).rejects.toThrow("names no subject");
    expect(await first(store)).toBeUndefined();
  });

  test("two events of one person are sealed apart, though they say the same", async () => {
    const store = await opened();
    await store.append("person-1", "none", [joined(), joined()]);
    const plain = await place.opened(openPlain(place.path()));
    const boxes = (await Array.fromAsync(plain.readAll())).map(({ data }) => data.$seal);
    expect(boxes[0]).toMatchObject({ fields: ["email"], subject: "grace" });
    expect(boxes[0]).not.toEqual(boxes[1]);
  });

  // Erasing a person is deleting their key: every copy of the log, old back-ups too, goes dark.
  test("after the key is gone fields come back as erased, and the rest as it was", async () => {
    const store = await opened();
    await store.append("person-1", "none", [joined()]);
    await store.append("person-2", "none", [
      newEvent(
        "PersonJoined",
        { plan: "basic-plan", email: "mary@navy.example" },
        { subject: "mary" },
      ),
    ]);
    await place.closed(store);
    await eraseKey("grace");
    const again = await opened();
    expect((await first(again))?.data).toEqual({ plan: "basic-plan", email: ERASED });
    expect((await first(again, "person-2"))?.data).toMatchObject({ email: "mary@navy.example" });
  });

  test("a key that was erased is never made again", async () => {
    const store = await opened();
    await store.append("person-1", "none", [joined()]);
    await place.closed(store);
    await eraseKey("grace");
    const again = await opened();
    await expect(again.append("person-1", 0, [joined()])).rejects.toThrow("grace");
    expect((await first(again))?.data).toMatchObject({ email: ERASED });
  });

  // Lost is not erased: a log restored without its keys must not look like one of erased people.
  test("a key that is missing stops the reading", async () => {
    const store = await opened();
    await store.append("person-1", "none", [joined()]);
    await place.closed(store);
    const state = await openSqliteDocuments(place.file("state.db"), "FULL");
    await state.remove("keys", ["grace"]);
    await state.close();
    await expect(first(await opened())).rejects.toThrow("restore the keys");
  });

  test("a box that was moved to another event does not open", async () => {
    const store = await opened();
    await store.append("person-1", "none", [joined()]);
    const plain = await place.opened(openPlain(place.path()));
    const { data } = (await first(plain)) ?? expect.fail();
    await plain.append("person-2", "none", [newEvent("PersonJoined", data)]);
    await expect(first(store, "person-2")).rejects.toThrow();
    expect((await first(store))?.data).toMatchObject({ email: "grace@navy.example" });
  });

  test("a box that names another person does not open", async () => {
    const store = await opened();
    await store.append("person-1", "none", [joined()]);
    const other = { plan: "x", email: "mary@navy.example" };
    await store.append("person-2", "none", [newEvent("PersonJoined", other, { subject: "mary" })]);
    const plain = await place.opened(openPlain(place.path()));
    const { id, data } = (await first(plain)) ?? expect.fail();
    const seal = { ...(data.$seal as object), subject: "mary" };
    const forged = await place.opened(openSqliteEventStore(place.file("forged.db")));
    await forged.append("person-1", "none", [
      { ...newEvent("PersonJoined", { ...data, $seal: seal }), id },
    ]);
    const state = await place.opened(openSqliteDocuments(place.file("state.db"), "FULL"));
    const reading = sealed(
      forged,
      await openKeyring(state, serverKey, fileLedger(place.path())),
      catalogue,
    );
    await expect(first(reading)).rejects.toThrow();
  });

  // An address belongs to who acted, not to whom it was done to: erasing either leaves the other's.
  test("address and device are sealed under the actor", async () => {
    const store = await opened();
    const from = { ip: "198.51.100.23", userAgent: "Lynx/2.9" };
    await store.append("person-1", "none", [{ ...joined(), meta: { ...joined().meta, ...from } }]);
    await place.closed(store);
    await eraseKey("ada");
    const again = await opened();
    const { data, meta } = (await first(again)) ?? expect.fail();
    expect(meta).toMatchObject({ ip: ERASED, userAgent: ERASED, subject: "grace" });
    expect(data).toMatchObject({ email: "grace@navy.example" });
  });

  test("the address of what no user did is sealed under the subject", async () => {
    const store = await opened();
    const meta = { ip: "198.51.100.23", actor: { kind: "system", id: "sign-in" } } as const;
    await store.append("person-1", "none", [newEvent("DoorOpened", { door: "front" }, meta)]);
    await place.closed(store);
    await eraseKey("grace");
    expect((await first(await opened()))?.meta).toMatchObject({ ip: ERASED });
  });

  test("keys are of no use under another server key", async () => {
    const store = await opened();
    await store.append("person-1", "none", [joined()]);
    await place.closed(store);
    const state = await place.opened(openSqliteDocuments(place.file("state.db"), "FULL"));
    const log = await place.opened(openPlain(place.path()));
    const keyring = await openKeyring(
      state,
      serverKeys(Buffer.alloc(32, 8)),
      fileLedger(place.path()),
    );
    await expect(first(sealed(log, keyring, catalogue))).rejects.toThrow("another server key");
  });

  test("two stores that seal for a new person at once use one key", async () => {
    const [one, other] = [await opened(), await opened()];
    await Promise.all([
      one.append("person-1", "none", [joined()]),
      other.append("person-2", "none", [joined()]),
    ]);
    for (const store of [one, other])
      for await (const { data } of store.readAll())
        expect(data).toMatchObject({ email: "grace@navy.example" });
  });

  test("data of an older schema comes back in the newest, its personal fields open", async () => {
    const store = await opened();
    await store.append("person-1", "none", [joined()]);
    await place.closed(store);
    const newer = versioned(
      z.object({ tier: z.string(), email: personal(z.string()) }),
      ({ plan, ...rest }) => ({ ...rest, tier: plan }),
    );
    const later = catalogueOf([{ ...person, events: { ...person.events, PersonJoined: newer } }]);
    const again = await place.opened(openSealed(place.path(), later));
    expect((await first(again))?.data).toEqual({ tier: "basic-plan", email: "grace@navy.example" });
  });
});
