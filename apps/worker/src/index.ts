import {
  inlineReached,
  type ProjectionStatus,
  projectionStatus,
  startShare,
} from "@daybook/application";
import { type SenderParts, startSender } from "./mail/sender.ts";
import type { Sampled } from "./sampling.ts";
import { openWork, type WorkParts } from "./work.ts";

export type WorkerParts = SenderParts & WorkParts;

export type WorkStatus = {
  reactions: { name: string; position: number }[];
  mail: { sent: number; failed: number; destination: string };
  sampled: Sampled[];
  /** How often reading the log or writing documents failed here and was taken up again. */
  restarts: number;
};

export type Worker = {
  /** Waits until the inline projections have reached what the log held at the start, or holds now. */
  inlineReady: () => Promise<void>;
  /** How far all projections are, also those that other workers run. */
  projections: () => Promise<ProjectionStatus[]>;
  /** What it works on, for health and metrics. */
  status: () => WorkStatus;
  stop: () => Promise<void>;
};

/**
 * Builds the read models, reacts to events, sends mail, and keeps what has a term to it: alone on
 * stores of its own, otherwise its share of it.
 */
export async function startWorker(parts: WorkerParts): Promise<Worker> {
  const { app, newId, onError } = parts;
  const work = openWork(parts);
  const { pieces, take } = work;
  const share = app.shared
    ? startShare({ documents: app.documents, worker: newId(), pieces, take, onError })
    : undefined;
  if (!share) await take(new Set(pieces));
  const sender = startSender(parts);

  return {
    inlineReady: async () => (share ? inlineReached(app) : work.runner()?.inlineReady),
    projections: async () => (share ? projectionStatus(app) : (work.runner()?.status() ?? [])),
    status: () => ({
      reactions: work.reactions()?.status() ?? [],
      mail: sender.status(),
      sampled: work.upkeep()?.sampled() ?? [],
      restarts: (work.runner()?.restarts() ?? 0) + (work.reactions()?.restarts() ?? 0),
    }),
    stop: async () => {
      await sender.stop();
      await (share ? share.stop() : take(new Set()));
    },
  };
}
