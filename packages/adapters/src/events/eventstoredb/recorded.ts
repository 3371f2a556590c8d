import type { EventMeta, RecordedEvent } from "@daybook/domain";
import type { ResolvedEvent } from "@eventstore/db-client";
import type { NewEvent } from "../port.ts";
import type { Outgoing } from "./batch-append.ts";

/** Where the log's id and how far it was cut off are kept. */
export const BOOKKEEPING = "daybook";

export type ServerEvent = NonNullable<ResolvedEvent["event"]>;

/** Whether it is an event of the product: not of the server, no link, nor of the adapter's own. */
export const isOurs = ({ type, streamId }: ServerEvent): boolean =>
  !type.startsWith("$") && !streamId.startsWith("$") && streamId !== BOOKKEEPING;

/** A position as a number; throws where it is too large to be an exact one. */
export function positionOf({ position }: Pick<ServerEvent, "position">): number {
  const commit = Number(position?.commit);
  if (Number.isSafeInteger(commit)) return commit;
  throw new Error(`${position?.commit} is no position: EventStoreDB 22.6 or newer is needed`);
}

/**
 * An event as it is sent, under an id of the server's of its own, ours beside the metadata. The
 * server takes ids that it knows for a repetition, and then answers as if it had just appended them:
 * nobody could tell which it was, nor rely on it, since it does not look where the revision is right.
 */
export const outgoing = ({ id, type, data, meta }: NewEvent, serverId: string): Outgoing => ({
  ...{ id: serverId, type, data },
  metadata: { id, ...meta },
});

export function recordedOf(event: ServerEvent): RecordedEvent {
  const { id = event.id, ...meta } = (event.metadata ?? {}) as { id?: string } & EventMeta;
  return {
    id,
    type: event.type,
    stream: event.streamId,
    revision: Number(event.revision),
    position: positionOf(event),
    data: event.data as Record<string, unknown>,
    meta,
  };
}
