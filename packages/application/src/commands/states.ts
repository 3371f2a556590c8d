import { type DocumentStore, type EventStore, overwrite, recentlyUsed } from "@daybook/adapters";
import { type AnyDecider, evolve, type RecordedEvent, streamName } from "@daybook/domain";
import type { Row } from "@daybook/projections";
import { SNAPSHOTS } from "../views/names.ts";

/** A stream as far as it was read: what its events come to, and which commands led to them. */
export type StreamState = {
  readonly stream: string;
  readonly decider: AnyDecider;
  state: unknown;
  /** -1 where there is no event. */
  revision: number;
  position: number;
  /** The last event that was folded. */
  eventId: string;
  /** The latest commands, oldest first, with the revision of their first event. */
  commands: Map<string, number>;
  /** The greatest id among the commands that are not kept any more; ids are ordered by time. */
  forgotten: string;
  /** The revision that was snapshot last. */
  snapshot: number;
};

type SnapshotRow = Row &
  Pick<StreamState, "state" | "revision" | "position" | "eventId" | "forgotten"> & {
    version: number;
    commands: [string, number][];
  };

/** Folded since the last snapshot: reading so many costs little more than reading none. */
const SNAPSHOT_EVERY = 100;
/** Commands recognized without reading the stream again, each: a retry comes soon. */
const COMMANDS_KEPT = 32;
/** States held in memory, at least: a few megabytes. */
const HELD = 1000;

export type States = {
  /** The state as it was when it was last looked at here; nothing where it is not held. */
  held: (decider: AnyDecider, id: string) => StreamState | undefined;
  /** The state up to the end of its stream. */
  load: (decider: AnyDecider, id: string) => Promise<StreamState>;
  /**
   * Goes on with what was recorded since. A stream whose newest events retention has deleted goes on
   * at the revision that the store names.
   */
  refresh: (known: StreamState, atLeast?: number) => Promise<void>;
  /** Folds what was just appended, and holds the state for the next command. */
  advance: (known: StreamState, events: readonly RecordedEvent[]) => void;
  /** The events that this command recorded before; none where it is new. */
  recall: (
    known: StreamState,
    commandId: string,
  ) => readonly RecordedEvent[] | Promise<readonly RecordedEvent[]>;
};

const initial = (decider: AnyDecider, stream: string): StreamState => ({
  ...{ stream, decider, state: decider.initial, revision: -1, position: 0, eventId: "" },
  ...{ commands: new Map(), forgotten: "", snapshot: -1 },
});

function fold(known: StreamState, event: RecordedEvent): void {
  known.state = evolve(known.decider, known.state, event);
  known.revision = event.revision;
  known.position = event.position;
  known.eventId = event.id;
  const { commands } = known;
  const { commandId } = event.meta;
  if (!commands.has(commandId)) commands.set(commandId, event.revision);
  if (commands.size <= COMMANDS_KEPT) return;
  const oldest = commands.keys().next().value as string;
  commands.delete(oldest);
  if (oldest > known.forgotten) known.forgotten = oldest;
}

/**
 * The states that commands decide on, so that a command costs the same however long its stream is:
 * in memory while they are used, and as snapshots beside the read models. Both only save reading.
 * A snapshot that does not fit the log (an older copy was restored) or the decider is passed over.
 */
export function streamStates(events: EventStore, documents: DocumentStore): States {
  const held = recentlyUsed<StreamState>(HELD);

  /** A snapshot, if the stream still holds the event it ends with. */
  async function fromSnapshot(decider: AnyDecider, stream: string) {
    const row = (await documents.get<SnapshotRow>(SNAPSHOTS, stream))?.row;
    if (!row || row.version !== (decider.version ?? 1)) return undefined;
    for await (const { id } of events.readStream(stream, {
      from: row.revision,
      limit: 1,
      origin: false,
    }))
      if (id === row.eventId) {
        const { state, revision, position, eventId, forgotten } = row;
        const commands = new Map(row.commands);
        const snapshot = revision;
        return {
          stream,
          decider,
          state,
          revision,
          position,
          eventId,
          commands,
          forgotten,
          snapshot,
        };
      }
    return undefined;
  }

  async function save(known: StreamState): Promise<void> {
    const { stream, decider, state, revision, position, eventId, forgotten } = known;
    known.snapshot = revision;
    const row: SnapshotRow = {
      ...{ id: stream, organization: "", state, revision, position, eventId, forgotten },
      ...{ version: decider.version ?? 1, commands: [...known.commands] },
    };
    await overwrite(documents, SNAPSHOTS, [row]);
  }

  function snapshotWhenDue(known: StreamState) {
    // Not awaited, and of no consequence when it fails: the next one covers it.
    if (known.revision - known.snapshot >= SNAPSHOT_EVERY) save(known).catch(() => {});
  }

  async function refresh(known: StreamState, atLeast = -1): Promise<void> {
    for await (const event of events.readStream(known.stream, {
      from: known.revision + 1,
      origin: false,
    }))
      fold(known, event);
    known.revision = Math.max(known.revision, atLeast);
    held.set(known.stream, known);
    snapshotWhenDue(known);
  }

  async function search(stream: string, commandId: string, from: number) {
    const found: RecordedEvent[] = [];
    for await (const event of events.readStream(stream, { from, origin: false }))
      if (event.meta.commandId === commandId) found.push(event);
    return found;
  }

  return {
    held: (decider, id) => held.get(streamName(decider, id)),
    load: async (decider, id) => {
      const stream = streamName(decider, id);
      const known =
        held.get(stream) ?? (await fromSnapshot(decider, stream)) ?? initial(decider, stream);
      await refresh(known);
      return known;
    },
    refresh,
    advance: (known, appended) => {
      for (const event of appended) fold(known, event);
      held.set(known.stream, known);
      snapshotWhenDue(known);
    },
    recall: (known, commandId) => {
      const from = known.commands.get(commandId);
      if (from !== undefined) return search(known.stream, commandId, from);
      return commandId <= known.forgotten ? search(known.stream, commandId, 0) : [];
    },
  };
}
