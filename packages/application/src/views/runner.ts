import type { DocumentStore, EventStore } from "@daybook/adapters";
import { type Catalogue, parseStream, type RecordedEvent } from "@daybook/domain";
import { keyOf, type Projection } from "@daybook/projections";
import { createFolder, type Folder } from "./fold-batch.ts";
import type { InlineViews } from "./inline.ts";
import { collectionOf } from "./names.ts";
import { FoldFailed, openParking, type ParkedRow, type Parking } from "./parking.ts";
import type { Views } from "./views.ts";

/** A projection this far behind catches up on its own, so that the others stay live. */
const LAG_MAX = 5000;
/** Waits after a failure of a store, doubled each time. */
const RETRY_MS = 200;
const RETRY_MAX_MS = 10_000;

export type ProjectionStatus = {
  name: string;
  version: number;
  position: number;
  state: "catching-up" | "live" | "stopped";
  stopped?: { position: number; type: string } | undefined;
  parked: readonly ParkedRow[];
};

export type Runner = {
  /** Resolved when the inline projections have reached what the log held at the start. */
  inlineReady: Promise<void>;
  status: () => ProjectionStatus[];
  /** How often reading the log or writing documents failed and was taken up again. */
  restarts: () => number;
  stop: () => Promise<void>;
};

type Member = {
  projection: Projection;
  folder: Folder;
  parking: Parking;
  categories: ReadonlySet<string>;
  position: number;
  live: boolean;
  stopped?: { position: number; type: string } | undefined;
};

export type RunnerParts = {
  events: EventStore;
  documents: DocumentStore;
  views: Views;
  inline: InlineViews;
  catalogue: Catalogue;
  now: () => Date;
  onError: (error: unknown) => void;
};

/**
 * Builds the read models: one read of the log serves all projections. Those far behind catch up
 * with a read of their own, and join the others when they have passed where they are.
 */
export async function startRunner(parts: RunnerParts): Promise<Runner> {
  const { events, documents, views, inline, catalogue, now, onError } = parts;
  const abort = new AbortController();
  const { signal } = abort;
  let restarts = 0;

  const members = await Promise.all(views.projections.map(openMember));
  const head = await events.head();
  const inlineReady = Promise.withResolvers<void>();
  const live = new Set(members.filter((member) => member.position >= head - LAG_MAX));
  const behind = members.filter((member) => !live.has(member));
  /** Everything up to here is being folded, or was, by the live members. */
  let claimed = Math.min(head, ...[...live].map(({ position }) => position));

  async function openMember(projection: Projection): Promise<Member> {
    const parking = await openParking(collectionOf(projection), documents, now);
    const folder = createFolder(projection, documents, parking);
    const position = (await views.checkpoint(projection))?.position ?? 0;
    const types = Object.keys(projection.events);
    const categories = new Set(types.map((type) => catalogue.get(type)?.category ?? type));
    const member = { projection, folder, parking, categories, position, live: false };
    if (projection.inline) await retryInline(member);
    else await folder.retry((from) => events.readAll({ from }), position);
    return member;
  }

  const knownCategories = new Set([...catalogue.values()].map(({ category }) => category));

  /** An event of a type that this program does not know, where it could concern the projection. */
  const stopsAt = ({ categories }: Member, batch: readonly RecordedEvent[]) =>
    batch.findIndex(({ type, stream }) => {
      if (catalogue.has(type)) return false;
      const { category } = parseStream(stream);
      return categories.has(category) || !knownCategories.has(category);
    });

  async function bringUp({ projection, parking }: Member, stream: string, revision: number) {
    const { category, id } = parseStream(stream);
    if (parking.has(id)) return;
    try {
      await inline.bringUpIn(projection, category, id, revision);
    } catch (error) {
      if (!(error instanceof FoldFailed)) throw error;
      await parking.park(id, error);
    }
  }

  async function foldInline(member: Member, batch: readonly RecordedEvent[]) {
    const last = new Map<string, number>();
    for (const event of batch)
      if (keyOf(member.projection, event) !== undefined) last.set(event.stream, event.revision);
    for (const [stream, revision] of last) await bringUp(member, stream, revision);
  }

  /** An inline document is folded from its own stream, to its end. */
  const retryInline = (member: Member) =>
    member.parking.retry(async (parked) => {
      const [category = ""] = member.categories;
      const newest = { direction: "backwards", limit: 1 } as const;
      for (const { document } of parked) {
        const stream = `${category}-${document}`;
        for await (const { revision } of events.readStream(stream, newest))
          await bringUp(member, stream, revision);
      }
    });

  async function apply(member: Member, batch: readonly RecordedEvent[], position: number) {
    if (member.stopped || position <= member.position) return;
    const unseen = batch.filter((event) => event.position > member.position);
    const at = stopsAt(member, unseen);
    const unknown = at < 0 ? undefined : unseen[at];
    const folded = unknown ? unseen.slice(0, at) : unseen;
    if (member.projection.inline) await foldInline(member, folded);
    else await member.folder.fold(folded);
    member.stopped = unknown && { position: unknown.position, type: unknown.type };
    member.position = unknown ? unknown.position - 1 : position;
    await views.advance(member.projection, {
      position: member.position,
      stopped: member.stopped,
    });
    if (unknown) onError(new Error(`${member.projection.name} stops at ${unknown.type}`));
  }

  async function nowLive(member: Member) {
    member.live = true;
    // One that stopped has not caught up: what served before goes on.
    if (!member.stopped) await views.switchTo(member.projection);
    if (members.every((one) => one.live || !one.projection.inline)) inlineReady.resolve();
  }

  async function followLive() {
    for await (const batch of events.subscribe({ after: claimed, signal })) {
      claimed = batch.position;
      await Promise.all(
        [...live].map(async (member) => {
          await apply(member, batch.events, batch.position);
          if (batch.live && !member.live) await nowLive(member);
        }),
      );
    }
  }

  async function catchUp() {
    const after = Math.min(...behind.map(({ position }) => position));
    for await (const batch of events.subscribe({ after, signal })) {
      await Promise.all(behind.map((member) => apply(member, batch.events, batch.position)));
      // Nothing is awaited between the comparison and the joining, so nothing falls between.
      if (batch.position < claimed) continue;
      for (const member of behind) live.add(member);
      break;
    }
    // Stopped on the way, they are not to serve yet.
    if (signal.aborted) return;
    for (const member of behind) await nowLive(member);
  }

  /** Whatever ends it, a store that was away or a bug, it is taken up again from the checkpoint. */
  async function resumed(follow: () => Promise<void>, isOver: () => boolean) {
    for (let wait = RETRY_MS; !signal.aborted; wait = Math.min(wait * 2, RETRY_MAX_MS)) {
      try {
        await follow();
        if (isOver()) return;
      } catch (error) {
        restarts++;
        onError(error);
        claimed = Math.min(...[...live].map(({ position }) => position), claimed);
        await new Promise((resolve) => setTimeout(resolve, wait).unref());
      }
    }
  }

  const loops = [resumed(followLive, () => signal.aborted)];
  if (behind.length > 0) loops.push(resumed(catchUp, () => true));

  return {
    inlineReady: inlineReady.promise,
    status: () =>
      members.map(({ projection, position, stopped, live: isLive, parking }) => ({
        name: projection.name,
        version: projection.version,
        position,
        state: stopped ? "stopped" : isLive ? "live" : "catching-up",
        stopped,
        parked: parking.list(),
      })),
    restarts: () => restarts,
    stop: async () => {
      abort.abort();
      await Promise.all(loops);
    },
  };
}
