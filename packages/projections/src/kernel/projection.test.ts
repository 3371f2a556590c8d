import type { RecordedEvent } from "@daybook/domain/kernel";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineProjection, foldRow, keyOf, type Row } from "./projection.ts";

const events = {
  Opened: z.object({ by: z.string() }),
  Painted: z.object({ colour: z.string() }),
  Removed: z.object({}),
  Locked: z.object({}),
};
type Door = Row & { colour: string };
const doors = defineProjection<Door>()({
  name: "doors",
  version: 1,
  events,
  start: { Opened: (_, { id, organization }) => ({ id, organization, colour: "none" }) },
  on: { Painted: (row, { colour }) => ({ ...row, colour }), Removed: () => null },
});

const of = (type: string, data: Record<string, unknown> = {}): RecordedEvent => ({
  ...{ id: "event-1", type, stream: "door-front-1", revision: 3, position: 9, data },
  meta: {
    ...{ at: "2026-01-01T12:00:00.000Z", organization: "acme", schemaVersion: 1 },
    ...{ actor: { kind: "user", id: "ada" }, commandId: "command", correlationId: "command" },
  },
});
const door: Door = { id: "front-1", organization: "acme", colour: "none" };

describe("the document that an event changes", () => {
  test("is named by the id of the stream, also one with hyphens", () =>
    expect(keyOf(doors, of("Painted"))).toBe("front-1"));

  test("is none where the projection does not read the event", () =>
    expect(keyOf(doors, of("Locked"))).toBeUndefined());

  test("may be named by the projection, from data and metadata", () => {
    const keyed = { ...doors, key: ({ data }: { data: Record<string, unknown> }) => `${data.by}` };
    expect(keyOf(keyed, of("Opened", { by: "ada" }))).toBe("ada");
    expect(keyOf(keyed, of("Locked", { by: "ada" }))).toBeUndefined();
  });
});

describe("a fold", () => {
  test("starts a document", () =>
    expect(foldRow(doors, undefined, of("Opened", { by: "ada" }))).toEqual(door));
  test("changes a document", () =>
    expect(foldRow(doors, door, of("Painted", { colour: "red" }))).toEqual({
      ...door,
      colour: "red",
    }));
  test("deletes a document", () => expect(foldRow(doors, door, of("Removed"))).toBeNull());
  test("leaves a document that was started alone when it starts again", () =>
    expect(foldRow(doors, door, of("Opened", { by: "mary" }))).toEqual(door));
  test("leaves a deleted document deleted", () =>
    expect(foldRow(doors, null, of("Painted", { colour: "red" }))).toBeNull());
  test("starts a deleted document anew", () =>
    expect(foldRow(doors, null, of("Opened", { by: "ada" }))).toEqual(door));
  test("leaves a document alone at events that it does not read", () => {
    expect(foldRow(doors, door, of("Locked"))).toEqual(door);
    expect(foldRow(doors, undefined, of("Locked"))).toBeNull();
  });

  // A bug in a key or an order must be seen, not skipped: the runner parks the document.
  test("throws where a document was changed before it was started", () =>
    expect(() => foldRow(doors, undefined, of("Painted", { colour: "red" }))).toThrow(
      "doors has no document for Painted on door-front-1",
    ));
});
