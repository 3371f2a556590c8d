import type { Queue } from "@daybook/adapters";
import { type App, keepFollowing } from "@daybook/application";
import { mail } from "@daybook/domain";
import { type MailRow, mails } from "@daybook/projections";

/** How often pending mail is looked up again: what the queue lost is late by so much. */
const SWEEP_MS = 15_000;
const PAGE = 500;
/** What makes a mail due at once. */
const DUE = ["MailRequested", "MailRepeated"];
/** How often it is looked whether the queue has room for the next page. */
const LOOK_MS = 20;

export type PendingParts = {
  app: App;
  queue: Queue;
  onError: (error: unknown) => void;
  /** SWEEP_MS where it is not said. */
  sweepMs?: number;
  /** Told after each sweep which of the oldest pending mail was due. */
  swept: (due: MailRow[]) => void;
};

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

/**
 * Adds mail to the queue: what is requested or repeated from now on as it comes, and what was pending
 * before, or was lost by the queue, from its read model. Returns a promise that is resolved when it was
 * aborted, and follows the log no more.
 */
export function addPending(parts: PendingParts, signal: AbortSignal): Promise<void> {
  const { app, queue, onError, sweepMs = SWEEP_MS, swept } = parts;

  /** Whether half a page is left in the queue or less, so that it never holds all that is pending. */
  async function hasRoom(): Promise<boolean> {
    for (let waitedMs = 0; waitedMs < sweepMs && !signal.aborted; waitedMs += LOOK_MS) {
      if ((await queue.depth()).waiting <= PAGE / 2) return true;
      await pause(LOOK_MS);
    }
    return false;
  }

  /** All that is due before the next sweep, in pages. */
  async function sweep() {
    // Where the read model is still being built, what it knows by then is swept.
    const seen = app.views.waitFor(mails.name, await app.events.head(), sweepMs);
    await seen.catch(() => {});
    if (signal.aborted) return;
    const now = app.now();
    const nextAt = { lt: new Date(now.getTime() + sweepMs).toISOString() };
    let due: MailRow[] | undefined;
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
      due ??= page.rows.filter((row) => row.nextAt <= now.toISOString());
      cursor = page.cursor;
    } while (cursor && (await hasRoom()));
    swept(due);
  }

  async function sweepAgainAndAgain() {
    while (!signal.aborted) {
      await sweep().catch((error) => signal.aborted || onError(error));
      await pause(sweepMs);
    }
  }

  let after: number | undefined;
  async function follow() {
    after ??= await app.events.head();
    for await (const batch of app.events.subscribe({ after, types: DUE, signal })) {
      for (const { stream, meta } of batch.events)
        await queue.add(stream.slice(mail.stream.length + 1), new Date(meta.at));
      after = batch.position;
    }
  }

  sweepAgainAndAgain().catch(onError);
  return keepFollowing(follow, signal, onError).done;
}
