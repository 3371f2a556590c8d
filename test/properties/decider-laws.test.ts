import {
  type AnyDecider,
  deciders,
  ERASED,
  parseStrictly,
  personalFields,
  type Table,
} from "@daybook/domain";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryOf } from "../support/zod-arbitrary.ts";
import { ask, asksOf, eventsOf, fold, walk } from "./walk.ts";

const properties = fc.constantFrom(
  { name: "Grace" },
  { name: "Grace", username: "grace" },
  { name: "Grace", username: "grace", email: "grace@navy.example" },
);
describe.each(deciders.map((decider) => [decider.stream, decider] as [string, AnyDecider]))(
  "%s",
  (_, decider) => {
    const attempt = decider.stream === "mail" ? fc.nat(3) : fc.constantFrom("one", "two");
    const asks = asksOf(decider, { named: { properties, attempt } });
    const assert = (law: (given: Parameters<typeof walk>[1]) => void) =>
      fc.assert(fc.property(asks, law), { numRuns: 300 });

    // States and commands are frozen: a decision that changed one would throw a TypeError here.
    test("decides the same again, and changes nothing by deciding", () =>
      assert((given) => {
        for (const step of walk(decider, given)) {
          const again = ask(decider, step.before, step);
          const { events, refusal } = { events: [], refusal: undefined, ...again };
          expect(events).toEqual(step.events);
          expect(refusal?.code).toBe(step.refusal?.code);
        }
      }));

    test("what it decides is stored as it is, nothing added or left out", () =>
      assert((given) => {
        for (const { type, data } of eventsOf(walk(decider, given)))
          expect(parseStrictly((decider.events as Table)[type] as Table[string], data)).toEqual(
            data,
          );
      }));

    test("a command that was done may be asked again at once", () =>
      assert((given) => {
        // Whatever is thrown that is no refusal ends the property.
        for (const step of walk(decider, given)) {
          const again = ask(decider, step.after, step);
          if ("events" in again)
            for (const event of again.events) fold(decider, step.after, event, step.at);
        }
      }));

    // Erasing a person must not change what was decided, nor what can be decided from now on.
    test("comes to the same state when the personal fields are erased", () =>
      assert((given) => {
        for (const step of walk(decider, given)) {
          let state = step.before;
          for (const { type, data } of step.events) {
            const personal = personalFields((decider.events as Table)[type] as Table[string]);
            const erased = personal
              .filter((field) => field in data)
              .map((field) => [field, ERASED]);
            const event = { type, data: { ...data, ...Object.fromEntries(erased) } };
            state = fold(decider, state, event, step.at);
          }
          expect(state).toEqual(step.after);
        }
      }));

    // Also in an order that no decision led to: what is recorded has happened.
    test("folds any of its events on any of its states", () => {
      const events = Object.entries(decider.events as Table).map(([type, schema]) =>
        fc.record({ type: fc.constant(type), data: arbitraryOf(schema) }),
      );
      fc.assert(
        fc.property(fc.array(fc.oneof(...events)), (history) => {
          const at = "2026-01-01T12:00:00.000Z";
          const end = () =>
            history.reduce((state, event) => fold(decider, state, event, at), decider.initial);
          expect(end()).toEqual(end());
        }),
      );
    });
  },
);
