import type { EventMeta, Name, RecordedEvent, Table } from "@daybook/domain/kernel";
import { parseStream } from "@daybook/domain/kernel";
import type { z } from "zod";

/** A document of a read model. Whoever queries is shown those of their own organization. */
export type Row = { id: string; organization: string };

/** What a fold may read beside the data: where and when it was recorded, and by whom. */
export type FoldMeta = EventMeta & {
  stream: string;
  /** The id of the stream, without its category. */
  id: string;
  type: string;
  eventId: string;
  revision: number;
  position: number;
};

type Start<R, D> = (data: D, meta: FoldMeta) => R;
type Step<R, D> = (row: R, data: D, meta: FoldMeta) => R | null;
type Forget<R> = (row: R, before: string) => R | null;

/** A read model: how each event changes one document. Pure, and never refuses what is recorded. */
export type Projection<R extends Row = Row> = {
  name: string;
  /** Raise it when the shape or a fold changes: the new version is built beside the old one. */
  version: number;
  /**
   * Folded by the command path itself, so that security checks never lag. Such a projection folds
   * one category, a document a stream, and is guarded by the stream's revision.
   */
  inline?: true;
  events: Table;
  /**
   * Whether it reads where events came from (`ip`, `userAgent`): they are sealed apart, and opened
   * for those who say so.
   */
  origin?: true;
  /** Every order and filter that queries use, most selective first; the id is always appended. */
  indexes: readonly (readonly string[])[];
  /** Orders that workers read for all organizations at once. */
  indexesAcross: readonly (readonly string[])[];
  /** Which document the event changes; by default the one named by the stream's id. */
  key?: (event: { data: Record<string, unknown>; meta: FoldMeta }) => string | undefined;
  start: Readonly<Record<string, Start<R, never>>>;
  on: Readonly<Record<string, Step<R, never>>>;
  /**
   * What is left of a row when the events from before an instant are deleted that are not kept for
   * ever: what a fold of the others makes, and `null` where that is nothing. A row that tells nothing
   * of them is given back itself. The instant is ISO 8601, and the beginning of a day in UTC.
   */
  forget?: Forget<R>;
};

/**
 * Defines a read model. `start` makes a document of its first event, `on` changes one that is
 * there; `null` deletes it. An event that is not in the table does not compile.
 */
export const defineProjection =
  <R extends Row>() =>
  <E extends Table>(projection: {
    name: string;
    version: number;
    inline?: true;
    origin?: true;
    events: E;
    indexes?: readonly (readonly (keyof R & string)[])[];
    indexesAcross?: readonly (readonly (keyof R & string)[])[];
    key?: Projection["key"];
    start: { [K in Name<NoInfer<E>>]?: Start<R, z.output<E[K]>> };
    on?: { [K in Name<NoInfer<E>>]?: Step<R, z.output<E[K]>> };
    forget?: Forget<R>;
  }): Projection<R> =>
    ({ indexes: [], indexesAcross: [], on: {}, ...projection }) as unknown as Projection<R>;

/** Made once for each event, however many projections fold it. */
const metas = new WeakMap<RecordedEvent, FoldMeta>();

export function foldMeta(event: RecordedEvent): FoldMeta {
  const known = metas.get(event);
  if (known) return known;
  const meta = {
    ...event.meta,
    stream: event.stream,
    id: parseStream(event.stream).id,
    type: event.type,
    eventId: event.id,
    revision: event.revision,
    position: event.position,
  };
  metas.set(event, meta);
  return meta;
}

/** The document that an event changes, or nothing where the projection does not read the event. */
export function keyOf<R extends Row>(
  projection: Projection<R>,
  event: RecordedEvent,
): string | undefined {
  if (!(event.type in projection.start) && !(event.type in projection.on)) return undefined;
  const meta = foldMeta(event);
  return projection.key ? projection.key({ data: event.data, meta }) : meta.id;
}

/**
 * The document after one more event; `null` when it is deleted, or was before. An event for a
 * document that never started throws: the runner parks it.
 */
export function foldRow<R extends Row>(
  projection: Projection<R>,
  row: R | null | undefined,
  event: RecordedEvent,
): R | null {
  const meta = foldMeta(event);
  const step = projection.on[event.type];
  if (row && step) return step(row, event.data as never, meta);
  const start = projection.start[event.type];
  if (!row && start) return start(event.data as never, meta);
  // Inline projections are handed every event of their stream, also those they do not read.
  if (row === null || !(step || start)) return row ?? null;
  if (row) return row;
  throw new Error(`${projection.name} has no document for ${event.type} on ${event.stream}`);
}

/** What a document tells where the events from before an instant are deleted, whether it forgot or not. */
export const remembered = <R extends Row>(
  { forget }: Projection<R>,
  row: R | null,
  before: string,
): R | null => (row && forget ? forget(row, before) : row);
