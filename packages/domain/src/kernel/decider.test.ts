import { describe, expect, test } from "vitest";
import { z } from "zod";
import { catalogueOf } from "./catalogue.ts";
import { defineDecider, evolve, parseStream, streamName } from "./decider.ts";
import type { EventMeta } from "./metadata.ts";
import { conflict, Refusal } from "./refusal.ts";

const meta: EventMeta = {
  at: "2026-01-01T12:00:00.000Z",
  actor: { kind: "user", id: "ada" },
  organization: "acme",
  commandId: "command",
  correlationId: "command",
  schemaVersion: 1,
};

const door = defineDecider<{ open: boolean }>()({
  stream: "door",
  commands: { Open: z.object({}) },
  events: { Opened: z.object({}), Painted: z.object({ colour: z.string() }) },
  initial: { open: false },
  decide: { Open: ({ open }) => (open ? [] : [{ type: "Opened", data: {} }]) },
  evolve: { Opened: () => ({ open: true }), Painted: (state) => state },
});
const window = { ...door, stream: "window", events: { Broken: z.object({}) } };

describe("the catalogue", () => {
  test("knows every event with its schema and category", () => {
    const catalogue = catalogueOf([door, window]);
    expect([...catalogue.keys()]).toEqual(["Opened", "Painted", "Broken"]);
    expect(catalogue.get("Painted")).toEqual({ schema: door.events.Painted, category: "door" });
    expect(catalogue.get("Broken")).toEqual({ schema: window.events.Broken, category: "window" });
  });

  // A type alone must tell how an event is read: two of one name would be parsed as each other.
  test("refuses an event type of two deciders", () =>
    expect(() => catalogueOf([door, { ...door, stream: "gate" }])).toThrow(
      "two deciders record Opened",
    ));
});

describe("a decider", () => {
  // EventStoreDB takes the category up to the first hyphen.
  test("of a category with a hyphen is refused", () =>
    expect(() => defineDecider<{ open: boolean }>()({ ...door, stream: "front-door" })).toThrow(
      "front-door",
    ));

  test("folds the events it knows", () =>
    expect(evolve(door as never, door.initial, { type: "Opened", data: {}, meta })).toEqual({
      open: true,
    }));

  // Skipping an event of a newer program would make decisions on half a history.
  test("throws at an event that it does not know", () =>
    expect(() => evolve(door as never, door.initial, { type: "Locked", data: {}, meta })).toThrow(
      "door does not know the event Locked",
    ));
});

test.each([
  ["door", "1"],
  ["door", "019b7a2c-6c00-7000-8000-000000000001"],
  ["mail", "019b7a2c-6c00-7000-8000-000000000001.account-created"],
  ["door", ""],
])("the stream %s of %j is named and read back", (category, id) =>
  expect(parseStream(streamName({ stream: category }, id))).toEqual({ category, id }),
);

test("a refusal tells its kind, its code and its details", () => {
  const refusal = conflict("door/locked", { by: "ada" });
  expect(refusal).toBeInstanceOf(Refusal);
  expect(refusal).toMatchObject({ kind: "conflict", code: "door/locked", details: { by: "ada" } });
  expect(conflict("door/locked").details).toEqual({});
});
