import { type EventStore, type NewEvent, WrongExpectedRevision } from "@daybook/adapters";
import {
  type Actor,
  type AnyDecider,
  type Catalogue,
  conflict,
  type Decider,
  type EventMeta,
  type Message,
  type NewMessage,
  parseStrictly,
  type RecordedEvent,
  schemaVersion,
  streamName,
  type Table,
  unavailable,
} from "@daybook/domain";
import { tracedAppend } from "../tracing.ts";
import type { InlineViews } from "../views/inline.ts";
import { deriveId } from "./ids.ts";
import type { States, StreamState } from "./states.ts";
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

/** An id under which somebody else, or for something else, has asked before is no retry. */
function refuseReused(done: readonly RecordedEvent[], command: string, { actor }: Envelope): void {
  const same = done.every(({ meta }) => meta.actor.id === actor.id && meta.command === command);
  if (!same) throw conflict("command/id-reused");
}

/** What is asked, of which stream, by whom and when. */
type Asked = {
  decider: AnyDecider;
  id: string;
  command: { type: string; data: unknown };
  envelope: Envelope;
  at: string;
  options: Options;
};

function decide({ decider, id, command, envelope, at, options }: Asked, known: StreamState) {
  const { expectedRevision } = options;
  if (expectedRevision !== undefined && expectedRevision !== known.revision)
    throw conflict("revision/changed", { revision: known.revision });
  const decideOn = decider.decide[command.type];
  if (!decideOn) throw new Error(`${decider.stream} does not know the command ${command.type}`);
  return decideOn(known.state, command.data, {
    id,
    at,
    by: envelope.actor.id,
  }) as NewMessage<Table>[];
}

/** Whether the state at hand leads to events. Of anything else it may be too old to tell. */
function decidesOn(asked: Asked, known: StreamState): boolean {
  try {
    return decide(asked, known).length > 0;
  } catch {
    return false;
  }
}

/**
 * The command path, the only one: load, decide, parse strictly, append, retry on conflict, recognize
 * a command already done, bring the inline projections up, answer with the position.
 */
export function createCommandPath(
  events: EventStore,
  states: States,
  inline: InlineViews,
  catalogue: Catalogue,
  now: () => Date,
): Execute {
  function prepare(decided: NewMessage<Table>[], stream: string, asked: Asked): NewEvent[] {
    const { commandId, subject, ip, userAgent, reason, causationId } = asked.envelope;
    return decided.map(({ type, data }, index) => {
      const known = catalogue.get(type);
      if (!known) throw new Error(`${type} is in no decider's table`);
      const meta: EventMeta = {
        at: asked.at,
        actor: asked.envelope.actor,
        organization: asked.envelope.organization,
        commandId,
        command: asked.command.type,
        correlationId: asked.envelope.correlationId ?? commandId,
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

  /** The state to decide on: the one in memory, where it leads to events that will find it current. */
  async function stateFor(asked: Asked): Promise<StreamState> {
    const { decider, id, envelope } = asked;
    const held = states.held(decider, id);
    const known = held && !held.commands.has(envelope.commandId) && decidesOn(asked, held);
    return known ? held : states.load(decider, id);
  }

  async function attempt(asked: Asked, known: StreamState): Promise<Outcome> {
    const { decider, id, command, envelope } = asked;
    const done = await states.recall(known, envelope.commandId);
    const decided = done.length > 0 ? [] : decide(asked, known);
    if (decided.length === 0) {
      refuseReused(done, command.type, envelope);
      // What is already so must be in force too when the answer says it is.
      await inline.bringUp(decider.stream, id, known.revision);
      const { revision, position } = known;
      return { revision, position, events: [...done], repeated: done.length > 0 };
    }
    const { stream, revision: last } = known;
    const prepared = prepare(decided, stream, asked);
    const appended = await tracedAppend(prepared, () =>
      events.append(stream, last < 0 ? "none" : last, prepared),
    );
    if (appended.repeated) {
      // A retry overtook its own answer: what is recorded is what the first one made.
      await states.refresh(known);
      return attempt(asked, known);
    }
    // Where the earlier ones of several stand in the log, not every store tells. Nobody here asks:
    // states and inline projections go by revisions.
    const recorded = prepared.map((event, at) => ({
      ...{ ...event, stream, revision: last + 1 + at },
      position: appended.position,
    }));
    states.advance(known, recorded);
    await inline.bringUp(decider.stream, id, appended.revision, recorded);
    const { revision, position } = appended;
    return { revision, position, events: prepared, repeated: false };
  }

  async function execute(asked: Asked): Promise<Outcome> {
    const known = await stateFor(asked);
    for (let round = 1; ; round++) {
      try {
        return await attempt(asked, known);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        if (round === ROUNDS) throw unavailable("command/contended");
        await states.refresh(known, error.actual === "none" ? -1 : error.actual);
      }
    }
  }

  const takeTurns = turns();

  return (decider, id, command, envelope, options = {}) =>
    takeTurns(streamName(decider, id), () =>
      execute({ decider, id, command, envelope, options, at: now().toISOString() }),
    );
}
