import { setTimeout as delay } from "node:timers/promises";
import type { App } from "../app.ts";
import { type ParkedRow, parkedRows } from "./parking.ts";
import type { ProjectionStatus } from "./runner.ts";

/** How far the projections are as their documents tell, whichever process runs them. */
export async function projectionStatus({
  documents,
  views,
}: Pick<App, "documents" | "views">): Promise<ProjectionStatus[]> {
  await views.fresh();
  const statusOf = async ({ name, version }: (typeof views.projections)[number]) => {
    const collection = views.active({ name });
    const found = await views.checkpoint(collection);
    const parked: ParkedRow[] = await Array.fromAsync(parkedRows(collection, documents));
    const { position = 0, stopped } = found ?? {};
    const isServing = views.serving(name) === collection;
    const state = stopped ? "stopped" : isServing ? "live" : "catching-up";
    return { name, version, position, state, stopped, parked } as const;
  };
  return Promise.all(views.projections.map(statusOf));
}

const LOOK_MS = 200;

/**
 * Waits until whoever runs the projections has brought the inline ones to where the log ends now.
 * One that stopped is not waited for: it will not go on before another program runs it.
 */
export async function inlineReached(app: App): Promise<void> {
  const head = await app.events.head();
  const inline = app.views.projections.filter((one) => one.inline).map(({ name }) => name);
  const isBehind = ({ name, state, position }: ProjectionStatus) =>
    inline.includes(name) && state !== "stopped" && position < head;
  while ((await projectionStatus(app)).some(isBehind)) await delay(LOOK_MS);
}
