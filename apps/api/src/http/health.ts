import type { Queue } from "@daybook/adapters";
import type { App, ProjectionStatus } from "@daybook/application";

/** Behind by so much for so long is a fault, not a burst. */
const BEHIND_MAX = 10_000;

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

/** Tests each dependency, and compares what was appended with what was projected. */
export async function readiness({ app, projections: statusOf, work }: HealthParts) {
  const [events, documents, state] = await Promise.all([
    check(() => app.events.ping()),
    check(() => app.documents.ping()),
    check(() => app.state.ping()),
  ]);
  const head = events.ok ? await app.events.head() : 0;
  const projections = (documents.ok ? await statusOf() : []).map(({ parked, ...projection }) => ({
    ...projection,
    behind: Math.max(head - projection.position, 0),
    parked: parked.map(({ document, position, type, error, at }) => ({
      ...{ document, position, type, error, at },
    })),
  }));
  const dependencies = events.ok && documents.ok && state.ok;
  const projecting = projections.every(
    ({ state: one, behind }) => one !== "stopped" && (one !== "live" || behind < BEHIND_MAX),
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
}
