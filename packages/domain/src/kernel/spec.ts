import assert from "node:assert/strict";
import type { Decider, Decision } from "./decider.ts";
import { evolve } from "./decider.ts";
import type { Message, NewMessage, Table } from "./message.ts";
import { parseStrictly } from "./message.ts";
import type { EventMeta } from "./metadata.ts";
import { Refusal } from "./refusal.ts";

const noon: Decision = { id: "1", at: "2026-01-01T12:00:00.000Z", by: "ada" };

const metaOf = ({ at, by }: Decision): EventMeta => ({
  at,
  actor: { kind: "user", id: by },
  organization: "acme",
  commandId: "command",
  correlationId: "command",
  schemaVersion: 1,
});

/**
 * Given / when / then for a decider. Events pass the same strict parse as on the command path.
 *
 * @example
 * const { given } = spec(partner);
 * given(created).when(suspend).then(suspended);
 * given().when(suspend).refuses("partner/unknown");
 */
export function spec<S, C extends Table, E extends Table>(decider: Decider<S, C, E>) {
  const asTable = decider as unknown as Decider<S, Table, Table>;
  const apply = (state: S, event: { type: string; data: unknown }, meta: EventMeta) =>
    evolve(asTable, state, { ...event, data: parsed(event), meta });
  const parsed = ({ type, data }: { type: string; data: unknown }) =>
    parseStrictly(decider.events[type] as Table[string], data);

  const given = (...history: NewMessage<E>[]) => ({
    when: (command: { type: string; data: unknown }, decision: Partial<Decision> = {}) => {
      const context = { ...noon, ...decision };
      const state = history.reduce(
        (folded, event) => apply(folded, event, metaOf(noon)),
        decider.initial,
      );
      const decide = () =>
        asTable.decide[command.type]?.(
          state,
          (decider.commands[command.type] as Table[string]).parse(command.data),
          context,
        ) ?? assert.fail(`no command ${command.type}`);
      return {
        then: (...expected: NewMessage<E>[]) => {
          const events = decide();
          for (const event of events) parsed(event);
          assert.deepEqual(events, expected);
        },
        refuses: (code: string) =>
          assert.throws(decide, (error) => {
            assert.ok(error instanceof Refusal, String(error));
            assert.equal(error.code, code);
            return true;
          }),
        state: () =>
          decide().reduce((folded, event) => apply(folded, event, metaOf(context)), state),
      };
    },
  });
  return { given };
}

export type CommandOf<C extends Table> = Message<C>;
