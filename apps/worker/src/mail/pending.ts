import type { Queue } from "@daybook/adapters";
import { type App, keepFollowing } from "@daybook/application";
import { mail } from "@daybook/domain";
import { type MailRow, mails } from "@daybook/projections";

/** How often pending mail is looked up again: what the queue lost is late by so much. */
const SWEEP_MS = 15_000;
const PAGE = 500;

export type PendingParts = { app: App; queue: Queue; onError: (error: unknown) => void };

export type Pending = {
  /** To be told of every mail that was taken up: the queue is refilled by it. */
  takenUp: (id: string) => void;
  /** Resolved when it was aborted, and follows the log no more. */
  done: Promise<void>;
};

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, SWEEP_MS).unref());

/**
 * Adds mail to the queue: what is requested from now on as it comes, and what was pending before,
 * or was lost by the queue, from its read model.
 */
export function addPending({ app, queue, onError }: PendingParts, signal: AbortSignal): Pending {
  const expected = new Map<string, () => void>();

  /** When this mail is taken up, or at the latest when a sweep is due. */
  async function untilTakenUp(id: string) {
    const takenUp = new Promise<void>((resolve) => {
      expected.set(id, resolve);
    });
    await Promise.race([takenUp, pause()]);
    expected.delete(id);
  }

  /** All that is due before the next sweep, in pages: the queue never holds all that is pending. */
  async function sweep() {
    const nextAt = { lt: new Date(app.now().getTime() + SWEEP_MS).toISOString() };
    let cursor: string | undefined;
    do {
      const page = await app.documents.find<MailRow>(app.views.active(mails), {
        where: { status: { in: ["waiting", "sending"] }, nextAt },
        sort: ["status", "nextAt"],
        direction: "ascending",
        limit: PAGE,
        ...(cursor && { cursor }),
      });
      for (const row of page.rows) await queue.add(row.id, new Date(row.nextAt));
      cursor = page.cursor;
      // The second half is left to be sent while the next page is read.
      const half = page.rows[PAGE / 2];
      if (cursor && half) await untilTakenUp(half.id);
    } while (cursor && !signal.aborted);
  }

  async function sweepAgainAndAgain() {
    while (!signal.aborted) {
      // Where the read model is still being built, what it knows by then is swept.
      const seen = app.views.waitFor(mails.name, await app.events.head(), SWEEP_MS);
      await seen.catch(() => {});
      if (!signal.aborted) await sweep().catch(onError);
      await pause();
    }
  }

  let after: number | undefined;
  async function follow() {
    after ??= await app.events.head();
    for await (const batch of app.events.subscribe({ after, types: ["MailRequested"], signal })) {
      for (const { stream, meta } of batch.events)
        await queue.add(stream.slice(mail.stream.length + 1), new Date(meta.at));
      after = batch.position;
    }
  }

  const { done } = keepFollowing(follow, signal, onError);
  sweepAgainAndAgain().catch(onError);
  return { takenUp: (id) => expected.get(id)?.(), done };
}
