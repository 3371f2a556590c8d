import type { z } from "zod";
import type { Name, NewMessage, Table } from "./message.ts";
import type { EventMeta } from "./metadata.ts";

/** What a decision may know besides the state and the command: nothing it reads by itself. */
export type Decision = {
  /** The id of the stream, without its category. */
  id: string;
  /** When the command was received, ISO 8601 in UTC; the same for every retry. */
  at: string;
  /** The id of the user or program that asks, or the name of the system's part. */
  by: string;
};

/**
 * One kind of stream: what can be asked of it, what can happen to it, and the state that decisions
 * read. The tables are values, so that schemas are there at run time, and the types come out of
 * them: a command without a `decide` or an event without an `evolve` does not compile.
 */
export type Decider<S, C extends Table, E extends Table> = {
  /** The category: streams are named `<stream>-<id>`. It holds no hyphen. */
  stream: string;
  /** Of the state: raise it when `evolve` or what the state holds changes. 1 when left out. */
  version?: number;
  commands: C;
  events: E;
  initial: S;
  /** Pure. `[]` when it is already so; throws a `Refusal` when a rule is broken. */
  decide: {
    [K in Name<C>]: (state: S, data: z.output<C[K]>, decision: Decision) => NewMessage<E>[];
  };
  /** Pure, and never refuses: what is recorded has happened. */
  evolve: {
    [K in Name<E>]: (state: S, data: z.output<E[K]>, meta: EventMeta) => S;
  };
};

// biome-ignore lint/suspicious/noExplicitAny: code that handles every decider cannot name its types.
export type AnyDecider = Decider<any, any, any>;

/**
 * Defines a decider; the state is given, everything else is inferred from the tables.
 *
 * @example
 * const door = defineDecider<{ open: boolean }>()({ stream: "door", commands, events, … });
 */
export const defineDecider =
  <S>() =>
  <C extends Table, E extends Table>(
    decider: Omit<Decider<S, C, E>, "decide" | "evolve"> & {
      decide: NoInfer<Decider<S, C, E>["decide"]>;
      evolve: NoInfer<Decider<S, C, E>["evolve"]>;
    },
  ): Decider<S, C, E> => {
    if (decider.stream.includes("-"))
      throw new Error(`a category holds no hyphen: ${decider.stream}`);
    return decider;
  };

/** The state after one more event. An event that the decider does not know throws. */
export function evolve<S>(
  decider: Decider<S, Table, Table>,
  state: S,
  event: { type: string; data: unknown; meta: EventMeta },
): S {
  const apply = decider.evolve[event.type];
  if (!apply) throw new Error(`${decider.stream} does not know the event ${event.type}`);
  return apply(state, event.data as Record<string, unknown>, event.meta);
}

export const streamName = (decider: { stream: string }, id: string): string =>
  `${decider.stream}-${id}`;

/** The category and the id that a stream's name is made of; ids may hold hyphens. */
export function parseStream(stream: string): { category: string; id: string } {
  const hyphen = stream.indexOf("-");
  return { category: stream.slice(0, hyphen), id: stream.slice(hyphen + 1) };
}
