import assert from "node:assert/strict";
import type { RecordedEvent } from "@daybook/domain/kernel";
import { foldRow, keyOf, type Projection, type Row } from "./projection.ts";

type Happened = Pick<RecordedEvent, "type" | "stream" | "data"> & {
  meta?: Partial<RecordedEvent["meta"]>;
};

const recorded = (event: Happened, position: number): RecordedEvent => ({
  id: `event-${position}`,
  revision: position,
  position,
  ...event,
  meta: {
    at: `2026-01-01T12:00:0${position}.000Z`,
    actor: { kind: "user", id: "ada" },
    organization: "acme",
    commandId: "command",
    correlationId: "command",
    schemaVersion: 1,
    ...event.meta,
  },
});

/**
 * Given events, then documents. Event n is at revision and position n, n seconds past noon.
 *
 * @example given(peopleProjection)(created, renamed).then({ id: "1", name: "Ada" });
 */
export const given =
  <R extends Row>(projection: Projection<R>) =>
  (...events: Happened[]) => {
    const rows = new Map<string, R | null>();
    for (const event of events.map(recorded)) {
      const key = keyOf(projection, event);
      if (key !== undefined) rows.set(key, foldRow(projection, rows.get(key), event));
    }
    return {
      then: (...expected: Partial<R>[]) => {
        const actual = [...rows.values()].filter((row) => row !== null);
        assert.equal(actual.length, expected.length, `${actual.length} documents`);
        expected.forEach((part, at) => {
          assert.deepEqual({ ...actual[at], ...part }, actual[at]);
        });
      },
    };
  };
