import { mkdtempSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type NewEvent, openSqliteEventStore, openStores } from "@daybook/adapters";
import { catalogue, ERASED, personalFields, type RecordedEvent } from "@daybook/domain";
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { newEvent } from "../support/events.ts";
import { temporaryFolder } from "../support/folder.ts";
import { arbitraryOf } from "../support/zod-arbitrary.ts";

/** Whatever text there can be, also such as no person would type. */
const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  // Halves of surrogate pairs among them.
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.constantFrom("", "\0", "__proto__", "constructor", "$seal", "erased", "null", '"\\', "\ud800"),
  fc.string({ minLength: 2000, maxLength: 4000 }),
);

const meta = fc.record(
  {
    subject: fc.constantFrom("grace", "mary"),
    actor: fc.constantFrom(
      { kind: "user", id: "grace" } as const,
      { kind: "user", id: "ada" } as const,
      { kind: "system", id: "sign-in" } as const,
    ),
    ip: text,
    userAgent: text,
    reason: text,
  },
  { requiredKeys: ["subject", "actor"], noNullPrototype: true },
);

const ofType = [...catalogue].map(([type, { schema, category }]) =>
  fc.tuple(arbitraryOf(schema, { text }), meta).map(([data, meta]) => ({
    stream: `${category}-${type}`,
    event: newEvent(type, data, meta),
  })),
);
/** Two events of every type of the product. */
const histories = fc.tuple(...ofType, ...ofType);
type History = { stream: string; event: NewEvent }[];

const personalOf = ({ type, data }: Pick<NewEvent, "type" | "data">) =>
  personalFields(catalogue.get(type)?.schema ?? z.object({})).filter((name) => name in data);
const without = (value: object, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));

/** The texts in a value, names and values of records too. */
const textsIn = (value: unknown): string[] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, one]) => [name, ...textsIn(one)])
    : typeof value === "string"
      ? [value]
      : [];

const addressFields = ["ip", "userAgent"] as const;
const addressOf = ({ meta }: Pick<NewEvent, "meta">) =>
  addressFields.map((name) => meta[name]).filter((one) => typeof one === "string");

/** What an event tells about people, longer than what turns up by chance. */
const personalTexts = (event: NewEvent): string[] => [
  ...personalOf(event).flatMap((name) => textsIn(event.data[name])),
  ...addressOf(event),
];

/** The bytes of a text as they would lie in a file: by itself, or within JSON. */
const forms = (value: string) =>
  [value, JSON.stringify(value).slice(1, -1)].map((form) => Buffer.from(form));

const place = temporaryFolder();
const key = Buffer.alloc(32, 7).toString("base64");
const opened = (folder: string) => place.opened(openStores({ data: folder, key }));

/** An installation with a history, closed again. */
async function recorded(history: History): Promise<string> {
  const folder = mkdtempSync(place.file("data-"));
  const stores = await opened(folder);
  const append = stores.events.append;
  await Promise.all(history.map(({ stream, event }) => append(stream, "any", [event])));
  await place.closed(stores);
  return folder;
}

/** Events as they were made; they were appended at once, so their order tells nothing. */
const asMade = (events: readonly { id: string; type: string; data: object; meta: object }[]) =>
  events
    .map(({ id, type, data, meta }) => ({ id, type, data, meta }))
    .toSorted((one, other) => one.id.localeCompare(other.id));

async function read(folder: string) {
  const { events } = await opened(folder);
  return { events, log: await Array.fromAsync(events.readAll()) };
}

/** Checks something about many histories, each in an installation of its own. */
const always = (check: (folder: string, history: History) => Promise<void>) =>
  fc.assert(
    fc.asyncProperty(histories, async (history) => check(await recorded(history), history)),
    // On a machine that is busy fewer runs, or less shrinking of what failed.
    { numRuns: 4, interruptAfterTimeLimit: 40_000 },
  );

test("whatever an event of the product says comes back as it was", () =>
  always(async (folder, history) => {
    const { events, log } = await read(folder);
    const appended = history.map(({ event }) => event);
    expect(asMade(log)).toEqual(asMade(appended));
    const abort = new AbortController();
    for await (const batch of events.subscribe({ after: 0, signal: abort.signal })) {
      expect(batch.events).toEqual(log);
      abort.abort();
    }
    for (const { stream, event } of history)
      expect(asMade(await Array.fromAsync(events.readStream(stream)))).toContainEqual(event);
  }));

test("what is stored outside the sealed boxes is what is not personal, and nothing else", () =>
  always(async (folder, history) => {
    const plain = await place.opened(openSqliteEventStore(join(folder, "events.db")));
    const stored = await Array.fromAsync(plain.readAll());
    for (const { event } of history) {
      const { data, meta } = stored.find(({ id }) => id === event.id) as RecordedEvent;
      const sealed = personalOf(event);
      expect(without(data, ["$seal"])).toEqual(without(event.data, sealed));
      expect(without(meta, ["$seal"])).toEqual(without(event.meta, addressFields));
      const box = (data as { $seal?: { fields: string[]; box: string } }).$seal;
      expect(box?.fields.toSorted() ?? []).toEqual(sealed.toSorted());
      const bytes = Buffer.from(box?.box ?? "", "base64");
      for (const value of personalTexts(event).filter(({ length }) => length > 3))
        for (const form of forms(value)) expect(bytes.includes(form)).toBe(false);
    }
  }));

// Who gets hold of the files without the keys learns nothing about anybody.
test("no file holds a personal value", () =>
  always(async (folder, history) => {
    const impersonal = Buffer.from(
      JSON.stringify(
        history.map(({ event }) => ({
          data: without(event.data, personalOf(event)),
          meta: without(event.meta, addressFields),
        })),
      ),
    );
    // Shorter ones turn up by chance somewhere among so many bytes.
    const values = history
      .flatMap(({ event }) => personalTexts(event))
      .filter((value) => value.length > 3 && Buffer.byteLength(value) >= 10);
    for (const name of await readdir(folder)) {
      const bytes = await readFile(join(folder, name));
      for (const form of values.flatMap(forms))
        if (!impersonal.includes(form)) expect([name, bytes.includes(form)]).toEqual([name, false]);
    }
  }));

test("after a key is erased exactly what it sealed is erased", () =>
  always(async (folder, history) => {
    const stores = await opened(folder);
    const found = await stores.state.get("keys", "grace");
    if (found)
      await stores.state.write("keys", [{ id: "grace", row: null, guard: 1, after: found.guard }]);
    await place.closed(stores);
    const { log } = await read(folder);
    const erasing = (value: object, names: readonly string[], isErased: boolean) =>
      Object.fromEntries(
        Object.entries(value).map(([name, one]) => [
          name,
          isErased && names.includes(name) ? ERASED : one,
        ]),
      );
    const left = history.map(({ event }) => {
      const { actor, subject } = event.meta;
      const addressOwner = actor.kind === "user" ? actor.id : subject;
      return {
        ...event,
        data: erasing(event.data, personalOf(event), subject === "grace"),
        meta: erasing(event.meta, addressFields, addressOwner === "grace"),
      };
    });
    expect(asMade(log)).toEqual(asMade(left));
  }));
