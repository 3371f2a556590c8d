import { type Runner, startReactions, startRunner } from "@daybook/application";
import { catalogue, signIn } from "@daybook/domain";
import { accountMails, placeInOrganization } from "./accounts/reactions.ts";
import { type SenderParts, startSender } from "./mail/sender.ts";
import { type Sampled, startSampling } from "./sampling.ts";

export type WorkerParts = SenderParts & {
  /** Sign-in attempts are deleted when they are older than this. */
  signInDays: number;
};

export type WorkStatus = {
  reactions: { name: string; position: number }[];
  mail: { sent: number; failed: number; destination: string };
  sampled: Sampled[];
};

export type Worker = {
  runner: Runner;
  /** What it works on, for health and metrics. */
  status: () => WorkStatus;
  stop: () => Promise<void>;
};

const DAY_MS = 24 * 3_600_000;

/** Builds the read models, reacts to events, sends mail, and keeps what has a term to it. */
export async function startWorker(parts: WorkerParts): Promise<Worker> {
  const { app, signInDays, onError } = parts;
  const runner = await startRunner({ ...app, onError, catalogue });
  const reactions = await startReactions(app, [placeInOrganization, accountMails], onError);
  const sender = startSender(parts);
  const sampling = startSampling(app, onError);

  async function keep() {
    const before = new Date(app.now().getTime() - signInDays * DAY_MS);
    await app.events.deleteBefore(signIn.stream, before);
    await app.sessions.endExpired();
  }
  keep().catch(onError);
  const keeping = setInterval(() => keep().catch(onError), DAY_MS / 24).unref();

  return {
    runner,
    status: () => ({
      reactions: reactions.status(),
      mail: sender.status(),
      sampled: sampling.status(),
    }),
    stop: async () => {
      clearInterval(keeping);
      sampling.stop();
      await Promise.all([reactions.stop(), sender.stop()]);
      await runner.stop();
    },
  };
}
