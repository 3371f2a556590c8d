import type { Batch } from "@daybook/adapters";
import type { Projection } from "@daybook/projections";
import { keepFollowing } from "../follow.ts";
import { tracedBatch } from "../tracing.ts";
import { largeBatches } from "./large-batches.ts";
import { type Member, openMember, type RunnerParts } from "./member.ts";
import type { ParkedRow } from "./parking.ts";
import { watchRebuilds } from "./rebuild.ts";
import { type Verified, verify } from "./verify.ts";

/** A projection this far behind catches up on its own, so that the others stay live. */
const LAG_MAX = 5000;
/** How far back the events reach that are read again, and passed over, after a crash. */
const SAVE_MS = 100;
/** The same where other processes wait for what is folded here: their queries learn of it so late. */
const SHARED_SAVE_MS = 20;
/** How often what is not used any more is looked for, where others may still be reading it. */
const TIDY_MS = 15_000;

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
  /** Saves how far it came. Asked again, it does nothing more: the stores may be closed by then. */
  stop: () => Promise<void>;
};

/**
 * Builds the read models: one read of the log serves all projections. Those far behind catch up
 * with a read of their own, the inline ones first, and join the others when they have passed where
 * they are. On request a projection is built again beside the one that serves.
 */
export async function startRunner(parts: RunnerParts): Promise<Runner> {
  const { events, views, onError } = parts;
  const { projections = views.projections } = parts;
  const abort = new AbortController();
  const { signal } = abort;
  const inlineReady = Promise.withResolvers<void>();
  const caughtUp = new Set<Member>();

  const members = new Map<string, Member>();
  await views.fresh();
  for (const projection of projections)
    members.set(projection.name, await openMember(parts, projection, views.active(projection)));
  const all = () => [...members.values()];
  const head = await events.head();
  const following = new Set(all().filter((member) => member.position() >= head - LAG_MAX));
  const behind = all().filter((member) => !following.has(member));
  const positions = (of: Iterable<Member>) => [...of].map((member) => member.position());
  /** Everything up to here is being folded, or was, by those that follow live. */
  let claimed = head;

  /** Takes its time with large collections, and holds up nobody. */
  let tidying = views.tidy().catch(onError);
  const tidy = () => {
    tidying = tidying.then(views.tidy).catch(onError);
  };

  async function nowCaughtUp(member: Member) {
    const { projection, collection } = member;
    caughtUp.add(member);
    // One that stopped has not caught up: what served before goes on.
    if (!member.stopped()) {
      await views.complete(projection, collection);
      await views.switchTo(projection, collection);
      tidy();
    }
    if (all().every((one) => caughtUp.has(one) || !one.projection.inline)) inlineReady.resolve();
  }

  /** Folds a batch as it comes, and tells the traces that its events belong to. */
  function follow(member: Member, { events: recorded, position }: Batch) {
    const { name, events: read } = member.projection;
    return tracedBatch(
      `project ${name}`,
      () => recorded.filter((event) => event.type in read && event.position > member.position()),
      () => member.apply(recorded, position),
    );
  }

  async function followLive() {
    // Taken up again after a failure, some may not have folded what was claimed last.
    claimed = Math.min(claimed, ...positions(following));
    for await (const batch of events.subscribe({ after: claimed, signal })) {
      claimed = batch.position;
      await Promise.all(
        [...following].map(async (member) => {
          await follow(member, batch);
          const isActive = members.get(member.projection.name) === member;
          if (batch.live && isActive && !caughtUp.has(member)) await nowCaughtUp(member);
        }),
      );
    }
  }

  /** Folds what these have missed, until they can follow with the others. */
  async function join(these: readonly Member[]) {
    const { batches, stop } = largeBatches(events, {
      after: Math.min(...positions(these)),
      origin: these.some(({ projection }) => projection.origin),
      signal,
    });
    try {
      for await (const batch of batches) {
        await Promise.all(these.map((member) => member.apply(batch.events, batch.position)));
        // Nothing is awaited between the comparison and the joining, so nothing falls between.
        if (batch.position < claimed) continue;
        for (const member of these) following.add(member);
        return;
      }
    } finally {
      stop();
    }
  }

  async function catchUp() {
    const open = (inline: boolean) =>
      behind.filter((one) => !caughtUp.has(one) && (one.projection.inline ?? false) === inline);
    for (const these of [open(true), open(false)]) {
      if (these.length > 0) await join(these);
      // Ended on the way, they are not to serve yet.
      if (signal.aborted) return;
      for (const member of these) await nowCaughtUp(member);
    }
  }

  /** Builds a projection again beside the one that serves, compares it with a replay, and switches. */
  async function rebuild(
    projection: Projection,
    onProgress: (position: number) => void,
  ): Promise<Verified> {
    const collection = await views.build(projection);
    const member = await openMember(parts, projection, collection);
    const watching = setInterval(() => onProgress(member.position()), SAVE_MS);
    try {
      await join([member]);
      signal.throwIfAborted();
      await views.complete(projection, collection);
      const verified = await verify(parts, projection, { collection, upTo: member.position() });
      const stopped = member.stopped();
      if (stopped) throw new Error(`it stops at ${stopped.type}, which this program does not know`);
      if (verified.differingCount > 0) return verified;
      const before = members.get(projection.name);
      members.set(projection.name, member);
      caughtUp.add(member);
      await views.switchTo(projection, collection);
      if (before) following.delete(before);
      return verified;
    } finally {
      clearInterval(watching);
      if (members.get(projection.name) !== member) {
        following.delete(member);
        await views.abandon(projection);
      }
      tidy();
    }
  }

  const followers = [keepFollowing(followLive, signal, onError)];
  if (behind.length > 0) followers.push(keepFollowing(catchUp, signal, onError));
  followers.push(
    keepFollowing(() => watchRebuilds(parts, projections, rebuild, signal), signal, onError),
  );
  const timers = [
    setInterval(
      () => views.saveCheckpoints().catch(onError),
      views.shared ? SHARED_SAVE_MS : SAVE_MS,
    ),
    ...(views.shared ? [setInterval(tidy, TIDY_MS)] : []),
  ];
  for (const timer of timers) timer.unref();

  async function end() {
    abort.abort();
    for (const timer of timers) clearInterval(timer);
    await Promise.all(followers.map(({ done }) => done));
    await tidying;
    await views.saveCheckpoints();
    for (const { collection } of all()) views.forget(collection);
  }
  let ended: Promise<void> | undefined;

  return {
    inlineReady: inlineReady.promise,
    status: () =>
      all().map((member) => ({
        name: member.projection.name,
        version: member.projection.version,
        position: member.position(),
        state: member.stopped() ? "stopped" : caughtUp.has(member) ? "live" : "catching-up",
        stopped: member.stopped(),
        parked: member.parked(),
      })),
    restarts: () => followers.reduce((sum, one) => sum + one.restarts(), 0),
    stop: () => {
      ended ??= end();
      return ended;
    },
  };
}
