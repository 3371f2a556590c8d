import type { Queue } from "@daybook/adapters";
import type { App, ProjectionStatus } from "@daybook/application";
import { behindOf } from "../progress.ts";

/** Behind for so long without a step is a fault, not a burst. How far tells nothing: positions have gaps. */
const STUCK_MS = 60_000;

export type HealthParts = {
  app: App;
  projections: () => Promise<ProjectionStatus[]>;
  /** What distributes its work, where the process does any. */
  queue?: Queue;
  /** What else the process works on, where it does. */
  work?: () => {
    reactions: { name: string; position: number }[];
    mail: { sent: number; failed: number; destination: string };
    sampled: { projection: string; documents: number; differing: number }[];
    restarts: number;
  };
};

const check = async (ping: () => Promise<void>) => {
  try {
    await ping();
    return { ok: true };
  } catch (error) {
    return { ok: false, error: String((error as Error).message) };
  }
};

/** Notices what is behind and does not move from one look to the next. */
function stuckWatch() {
  const moved = new Map<string, { position: number; at: number }>();
  return ({ name, position }: ProjectionStatus, behind: number): boolean => {
    const before = moved.get(name);
    if (before && behind > 0 && before.position === position)
      return performance.now() - before.at >= STUCK_MS;
    moved.set(name, { position, at: performance.now() });
    return false;
  };
}

/** Tells, whenever it is asked, how each dependency is, and what was appended and not projected. */
export function readiness({ app, projections: statusOf, work }: HealthParts) {
  const isStuck = stuckWatch();
  return async () => {
    const [events, documents, state] = await Promise.all([
      check(() => app.events.ping()),
      check(() => app.documents.ping()),
      check(() => app.state.ping()),
    ]);
    const head = events.ok ? await app.events.head() : 0;
    const found = documents.ok ? await statusOf() : [];
    const projections = found.map((projection) => {
      const behind = behindOf(head, projection);
      const parked = projection.parked.map(({ document, position, type, error, at }) => ({
        ...{ document, position, type, error, at },
      }));
      return { ...projection, behind, stuck: isStuck(projection, behind), parked };
    });
    const dependencies = events.ok && documents.ok && state.ok;
    const projecting = projections.every(
      ({ state: one, stuck }) => one !== "stopped" && (one !== "live" || !stuck),
    );
    const parked = projections.some((projection) => projection.parked.length > 0);
    const ready = dependencies && projecting;
    const connection = app.events.connection();
    return {
      status: ready ? (parked || connection.down ? "degraded" : "ok") : "unavailable",
      checks: { events, documents, state },
      connection,
      head,
      projections,
      ...work?.(),
    };
  };
}
