import { parseStream, type RecordedEvent, signIn } from "@daybook/domain";
import {
  foldRow,
  keyOf,
  type Projection,
  projections,
  type Row,
  remembered,
} from "@daybook/projections";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newEvent } from "../support/events.ts";

type Documents = Map<string, Row>;

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 0, 1);
const day = (n: number) => new Date(START + n * 24 * HOUR_MS).toISOString();

const claim = { name: "claim", token: "first" };
const identity = { username: "", email: "", firstName: "", lastName: "", phone: "" };
const claims = { emailClaim: claim, usernameClaim: claim, homeRole: "member" };

/** What happened: who to, on which stream, and at which hour, in any order of the hours. */
type Happened = { type: string; of: string; category: string; hour: number; organization: string };

const recorded = ({ type, of, category, hour, organization }: Happened, position: number) => {
  const data = type === "UserCreated" ? { ...identity, ...claims } : { user: of, role: "member" };
  const at = new Date(START + hour * HOUR_MS).toISOString();
  const event = newEvent(type, data, { at, organization, subject: of });
  return { ...event, stream: `${category}-${of}`, revision: position, position };
};

const people = ["ada", "grace"];
const created = people.flatMap((of): Happened[] => [
  { type: "UserCreated", category: "user", of, hour: 0, organization: "acme" },
  { type: "MemberAdded", category: "membership", of, hour: 0, organization: "acme" },
]);

const aboutSomebody = {
  of: fc.constantFrom(...people),
  hour: fc.nat(5 * 24),
  organization: fc.constantFrom("acme", "globex"),
};
const happened = fc.oneof(
  fc.record({
    ...{ type: fc.constantFrom(...Object.keys(signIn.events)), ...aboutSomebody },
    category: fc.constant("signin"),
  }),
  fc.record({
    ...{ type: fc.constant("PasswordResetRequested"), ...aboutSomebody },
    category: fc.constant("user"),
  }),
);

/** An event, or a cut at the beginning of a day. */
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: happened },
    { weight: 1, arbitrary: fc.record({ cut: fc.nat(6) }) },
  ),
  { maxLength: 40 },
);

const isKept = ({ stream, meta }: RecordedEvent, cut: string) =>
  parseStream(stream).category !== signIn.stream || meta.at >= cut;

function fold(projection: Projection, documents: Documents, event: RecordedEvent) {
  const id = keyOf(projection, event);
  const row = id === undefined ? null : foldRow(projection, documents.get(id), event);
  if (row) documents.set(row.id, row);
}

function foldAll(projection: Projection, log: readonly RecordedEvent[]): Documents {
  const documents: Documents = new Map();
  for (const event of log) fold(projection, documents, event);
  return documents;
}

const left = (projection: Projection, documents: Documents, cut: string): Documents =>
  new Map(
    [...documents].flatMap(([id, row]) => {
      const rest = remembered(projection, row, cut);
      return rest ? [[id, rest] as const] : [];
    }),
  );

const sorted = (documents: Documents) =>
  [...documents].toSorted(([one], [other]) => (one < other ? -1 : 1));

// A projection that reads what retention deletes, and does not say what is left, fails here.
describe.each(projections.map((projection) => [projection.name, projection] as const))(
  "of %s, whatever is deleted between whichever events",
  (_, projection) => {
    test("documents that forgot are a fold of what is left of the log", () => {
      fc.assert(
        fc.property(steps, (given) => {
          let log = created.map(recorded);
          let documents = foldAll(projection, log);
          let cut = "";
          let position = log.length;
          const deleteBefore = (before: string) => {
            cut = before > cut ? before : cut;
            log = log.filter((event) => isKept(event, cut));
            documents = left(projection, documents, cut);
          };
          for (const step of given) {
            if ("cut" in step) deleteBefore(day(step.cut));
            else {
              const event = recorded(step, position++);
              log.push(event);
              fold(projection, documents, event);
            }
          }
          // What came late, with a time from before the cut, is deleted the next time.
          deleteBefore(cut);
          expect(sorted(documents)).toEqual(sorted(foldAll(projection, log)));
        }),
        { numRuns: 300 },
      );
    });

    test("documents that did not forget tell the same behind the cut", () => {
      fc.assert(
        fc.property(fc.array(happened, { maxLength: 40 }), fc.nat(6), (given, days) => {
          const log = [...created, ...given].map(recorded);
          const cut = day(days);
          const rest = log.filter((event) => isKept(event, cut));
          expect(sorted(left(projection, foldAll(projection, log), cut))).toEqual(
            sorted(foldAll(projection, rest)),
          );
        }),
        { numRuns: 300 },
      );
    });
  },
);
