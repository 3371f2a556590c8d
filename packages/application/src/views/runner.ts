import { keepFollowing } from "../follow.ts";
import { type Member, openMember, type RunnerParts } from "./member.ts";
import type { ParkedRow } from "./parking.ts";

/** A projection this far behind catches up on its own, so that the others stay live. */
const LAG_MAX = 5000;

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

/**
 * Builds the read models: one read of the log serves all projections. Those far behind catch up
 * with a read of their own, and join the others when they have passed where they are.
 */
export async function startRunner(parts: RunnerParts): Promise<Runner> {
  const { events, views, onError } = parts;
  const abort = new AbortController();
  const { signal } = abort;
  const inlineReady = Promise.withResolvers<void>();
  const caughtUp = new Set<Member>();

  const members = await Promise.all(views.projections.map((one) => openMember(parts, one)));
  const head = await events.head();
  const following = new Set(members.filter((member) => member.position() >= head - LAG_MAX));
  const behind = members.filter((member) => !following.has(member));
  const positions = (of: Iterable<Member>) => [...of].map((member) => member.position());
  /** Everything up to here is being folded, or was, by those that follow live. */
  let claimed = head;

  async function nowCaughtUp(member: Member) {
    caughtUp.add(member);
    // One that stopped has not caught up: what served before goes on.
    if (!member.stopped()) await views.switchTo(member.projection);
    if (members.every((one) => caughtUp.has(one) || !one.projection.inline)) inlineReady.resolve();
  }

  async function followLive() {
    // Taken up again after a failure, some may not have folded what was claimed last.
    claimed = Math.min(claimed, ...positions(following));
    for await (const batch of events.subscribe({ after: claimed, signal })) {
      claimed = batch.position;
      await Promise.all(
        [...following].map(async (member) => {
          await member.apply(batch.events, batch.position);
          if (batch.live && !caughtUp.has(member)) await nowCaughtUp(member);
        }),
      );
    }
  }

  async function catchUp() {
    const after = Math.min(...positions(behind));
    for await (const batch of events.subscribe({ after, signal })) {
      await Promise.all(behind.map((member) => member.apply(batch.events, batch.position)));
      // Nothing is awaited between the comparison and the joining, so nothing falls between.
      if (batch.position < claimed) continue;
      for (const member of behind) following.add(member);
      break;
    }
    // Ended on the way, they are not to serve yet.
    if (signal.aborted) return;
    for (const member of behind) await nowCaughtUp(member);
  }

  const follow = [keepFollowing(followLive, signal, onError)];
  if (behind.length > 0) follow.push(keepFollowing(catchUp, signal, onError));

  return {
    inlineReady: inlineReady.promise,
    status: () =>
      members.map((member) => ({
        name: member.projection.name,
        version: member.projection.version,
        position: member.position(),
        state: member.stopped() ? "stopped" : caughtUp.has(member) ? "live" : "catching-up",
        stopped: member.stopped(),
        parked: member.parked(),
      })),
    restarts: () => follow.reduce((sum, one) => sum + one.restarts(), 0),
    stop: async () => {
      abort.abort();
      await Promise.all(follow.map(({ done }) => done));
    },
  };
}
