import { type EventStore, type NewEvent, WrongExpectedRevision } from "@daybook/adapters";
import {
  type Actor,
  type AnyDecider,
  type Catalogue,
  conflict,
  type Decider,
  type EventMeta,
  evolve,
  type Message,
  type NewMessage,
  parseStrictly,
  type RecordedEvent,
  schemaVersion,
  streamName,
  type Table,
  unavailable,
} from "@daybook/domain";
import type { InlineViews } from "../views/inline.ts";
import { deriveId } from "./ids.ts";
import { turns } from "./turns.ts";

/** Who asks for something, from where and why: becomes the metadata of every event it leads to. */
export type Envelope = {
  /** UUIDv7, made by the client, the same for every retry. */
  commandId: string;
  actor: Actor;
  organization: string;
  /** The person it is about. */
  subject?: string | undefined;
  ip?: string | undefined;
  userAgent?: string | undefined;
  reason?: string | undefined;
  correlationId?: string | undefined;
  causationId?: string | undefined;
};

/** The envelope of a further step of the same request, with a command id of its own. */
export const step = (envelope: Envelope, ...name: string[]): Envelope => ({
  ...envelope,
  commandId: deriveId(envelope.commandId, ...name),
  correlationId: envelope.correlationId ?? envelope.commandId,
  causationId: envelope.commandId,
});

/** What a command led to. */
export type Outcome = {
  /** The revision of its stream; -1 where there is no such stream. */
  revision: number;
  /** What a query must have seen to show it. */
  position: number;
  /** What it recorded: now, or when it was first asked. */
  events: { type: string; data: Record<string, unknown> }[];
  /** Whether it had been done before. */
  repeated: boolean;
};

export type Options = {
  /** The revision the person saw; if the stream has gone on, the command is refused. */
  expectedRevision?: number | undefined;
};

export type Execute = <S, C extends Table, E extends Table>(
  decider: Decider<S, C, E>,
  id: string,
  command: NoInfer<Message<C>>,
  envelope: Envelope,
  options?: Options,
) => Promise<Outcome>;

/**
 * How often a command that others overtook decides again. With that many writers on one stream each
 * round lets one through, so more rounds would only hold the client longer.
 */
const ROUNDS = 20;

type Loaded = {
  state: unknown;
  revision: number;
  position: number;
  /** The events of an earlier execution of the same command. */
  done: RecordedEvent[];
};

/** An id under which somebody else, or for something else, has asked before is no retry. */
function refuseReused(done: readonly RecordedEvent[], command: string, { actor }: Envelope): void {
  const same = done.every(({ meta }) => meta.actor.id === actor.id && meta.command === command);
  if (!same) throw conflict("command/id-reused");
}

/**
 * The command path, the only one: load, fold, decide, parse strictly, append, retry on conflict,
 * recognize a command already done, bring the inline projections up, answer with the position.
 */
export function createCommandPath(
  events: EventStore,
  inline: InlineViews,
  catalogue: Catalogue,
  now: () => Date,
): Execute {
  async function load(decider: AnyDecider, stream: string, commandId: string): Promise<Loaded> {
    const loaded: Loaded = { state: decider.initial, revision: -1, position: 0, done: [] };
    for await (const event of events.readStream(stream)) {
      loaded.state = evolve(decider, loaded.state, event);
      loaded.revision = event.revision;
      loaded.position = event.position;
      if (event.meta.commandId === commandId) loaded.done.push(event);
    }
    return loaded;
  }

  function prepare(
    decided: NewMessage<Table>[],
    stream: string,
    command: string,
    envelope: Envelope,
    at: string,
  ): NewEvent[] {
    const { commandId, subject, ip, userAgent, reason, causationId } = envelope;
    return decided.map(({ type, data }, index) => {
      const known = catalogue.get(type);
      if (!known) throw new Error(`${type} is in no decider's table`);
      const meta: EventMeta = {
        at,
        actor: envelope.actor,
        organization: envelope.organization,
        commandId,
        command,
        correlationId: envelope.correlationId ?? commandId,
        schemaVersion: schemaVersion(known.schema),
        ...(subject && { subject }),
        ...(causationId && { causationId }),
        ...(ip && { ip }),
        ...(userAgent && { userAgent }),
        ...(reason && { reason }),
      };
      const id = deriveId(commandId, stream, index);
      return { id, type, data: parseStrictly(known.schema, data), meta };
    });
  }

  async function attempt(
    decider: AnyDecider,
    id: string,
    command: { type: string; data: unknown },
    envelope: Envelope,
    at: string,
    { expectedRevision }: Options,
  ): Promise<Outcome> {
    const stream = streamName(decider, id);
    const { state, revision, position, done } = await load(decider, stream, envelope.commandId);
    if (done.length > 0) {
      refuseReused(done, command.type, envelope);
      await inline.bringUp(decider.stream, id, revision);
      return { revision, position, events: done, repeated: true };
    }
    if (expectedRevision !== undefined && expectedRevision !== revision)
      throw conflict("revision/changed", { revision });
    const decision = { id, at, by: envelope.actor.id };
    const decide = decider.decide[command.type];
    if (!decide) throw new Error(`${decider.stream} does not know the command ${command.type}`);
    const decided = decide(state, command.data, decision);
    if (decided.length === 0) {
      // What is already so must be in force too when the answer says it is.
      await inline.bringUp(decider.stream, id, revision);
      return { revision, position, events: [], repeated: false };
    }
    const prepared = prepare(decided, stream, command.type, envelope, at);
    const appended = await events.append(stream, revision < 0 ? "none" : revision, prepared);
    await inline.bringUp(decider.stream, id, appended.revision);
    return { ...appended, events: prepared, repeated: false };
  }

  const takeTurns = turns();

  return (decider, id, command, envelope, options = {}) =>
    takeTurns(streamName(decider, id), async () => {
      const at = now().toISOString();
      for (let round = 1; ; round++) {
        try {
          return await attempt(decider, id, command, envelope, at, options);
        } catch (error) {
          if (!(error instanceof WrongExpectedRevision)) throw error;
          if (round === ROUNDS) throw unavailable("command/contended");
        }
      }
    });
}
