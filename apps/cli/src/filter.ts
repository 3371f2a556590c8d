import type { RecordedEvent } from "@daybook/domain";

/** Which events are asked for; what is left out lets all pass. */
export type Filter = {
  /** One stream by its whole name. */
  stream?: string | undefined;
  /** All streams whose names begin so, and end so: a category, or a name as the table cuts it. */
  streams?: { start: string; end: string } | undefined;
  types?: readonly string[] | undefined;
  /** Ids of actors. */
  actors?: readonly string[] | undefined;
  subject?: string | undefined;
  /** Milliseconds since 1970, itself included. */
  since?: number | undefined;
  /** Milliseconds since 1970, itself left out. */
  until?: number | undefined;
};

/** Whether an event is asked for. */
export function matches(filter: Filter, { stream, type, meta }: RecordedEvent): boolean {
  const { streams, types, actors, subject, since, until } = filter;
  if (filter.stream !== undefined && filter.stream !== stream) return false;
  if (streams && !(stream.startsWith(streams.start) && stream.endsWith(streams.end))) return false;
  if (types && !types.includes(type)) return false;
  if (actors && !actors.includes(meta.actor.id)) return false;
  if (subject !== undefined && subject !== meta.subject) return false;
  if (since === undefined && until === undefined) return true;
  const at = Date.parse(meta.at);
  return at >= (since ?? at) && at < (until ?? Number.POSITIVE_INFINITY);
}
