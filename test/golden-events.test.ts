import { readdirSync, readFileSync } from "node:fs";
import {
  type AnyDecider,
  catalogue,
  deciders,
  ERASED,
  evolve,
  parseStream,
  parseStrictly,
  personalFields,
  type RecordedEvent,
  schemaVersion,
  upcast,
} from "@daybook/domain";
import { foldRow, keyOf, type Projection, projections, type Row } from "@daybook/projections";
import { describe, expect, test } from "vitest";

/**
 * What was stored once is stored for ever: fixtures are events as earlier programs recorded them,
 * and are never edited. A changed event gets a fixture of its next version beside the old one.
 */
const folder = new URL("./fixtures/events/", import.meta.url);

type Fixture = Pick<RecordedEvent, "id" | "type" | "stream" | "data" | "meta">;

const fixtures = readdirSync(folder).map((file) => {
  const [, type = "", version = ""] = file.match(/^(\w+)\.v(\d+)\.json$/) ?? [];
  const fixture = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Fixture;
  return { file, type, version: Number(version), fixture };
});

const definitionOf = (type: string) => catalogue.get(type) ?? expect.fail(`${type} is not known`);

/** The event as a program of today reads it. */
function read({ fixture, version }: (typeof fixtures)[number]): RecordedEvent {
  const { schema } = definitionOf(fixture.type);
  return { ...fixture, revision: 0, position: 1, data: upcast(schema, version, fixture.data) };
}

/** The same after the person it is about was erased. */
function erased(event: RecordedEvent): RecordedEvent {
  const fields = personalFields(definitionOf(event.type).schema);
  const gone = fields.filter((field) => event.data[field] !== undefined);
  return {
    ...event,
    data: { ...event.data, ...Object.fromEntries(gone.map((field) => [field, ERASED])) },
    meta: { ...event.meta, ip: ERASED, userAgent: ERASED },
  };
}

const deciderOf = (type: string): AnyDecider =>
  deciders.find(({ events }) => type in events) ?? expect.fail(`${type} has no decider`);

test.each([...catalogue])("%s has a fixture of its version of today", (type, { schema }) => {
  const version = schemaVersion(schema);
  expect(fixtures.map(({ file }) => file)).toContain(`${type}.v${version}.json`);
});

describe.each(fixtures)("$file", (golden) => {
  const { file, type, version, fixture } = golden;

  test("says what its name says", () => {
    expect(file).toBe(`${fixture.type}.v${fixture.meta.schemaVersion}.json`);
    expect([type, version]).toEqual([fixture.type, fixture.meta.schemaVersion]);
    expect(parseStream(fixture.stream).category).toBe(definitionOf(type).category);
  });

  test("parses strictly, and nothing is added or lost", () => {
    const { data } = read(golden);
    expect(parseStrictly(definitionOf(type).schema, data)).toEqual(data);
  });

  // Sealing needs to know whose key it is.
  test("names the person whose data it holds", () => {
    if (personalFields(definitionOf(type).schema).length === 0) return;
    expect(fixture.meta.subject).toBeTruthy();
  });

  test.each([
    ["as it was", (event: RecordedEvent) => event],
    ["erased", erased],
  ])("folds through its decider %s", (_, as) => {
    const decider = deciderOf(type);
    expect(evolve(decider as never, decider.initial, as(read(golden)))).toBeDefined();
  });

  /** A document that the projection has started, as it stands before the event. */
  const startedBy = (projection: Projection, as: (event: RecordedEvent) => RecordedEvent) =>
    fixtures
      .filter((one) => one.type in projection.start && one.type !== type)
      .map((one): Row | null => foldRow(projection, undefined, as(read(one))));

  test.each(projections.map((projection) => [projection.name, projection] as const))(
    "folds through %s",
    (_, projection) => {
      for (const as of [(event: RecordedEvent) => event, erased]) {
        const event = as(read(golden));
        if (keyOf(projection, event) === undefined) continue;
        const before = type in projection.start ? [undefined] : startedBy(projection, as);
        expect(before, "what starts its documents").not.toEqual([]);
        for (const row of before) {
          const after = foldRow(projection, row, event);
          // What a store keeps is JSON: nothing else may be in a document.
          expect(JSON.parse(JSON.stringify(after))).toEqual(after);
        }
      }
    },
  );
});
