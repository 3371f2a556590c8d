import type { Queue } from "@daybook/adapters";
import type { MailRow } from "@daybook/projections";

/**
 * Sees that mail which is due is taken up. The queue's connection may look well and give nothing: so
 * what is asked is not the queue, but what is left of the mail that was due a sweep ago.
 */
export function watchTaking(queue: Queue, onError: (error: unknown) => void) {
  let running = 0;
  let taken = true;
  let dueBefore = new Map<string, string>();
  return {
    /** Everything that is taken up goes through here. */
    during: async (work: Promise<void>): Promise<void> => {
      taken = true;
      running++;
      await work.finally(() => running--);
    },
    /** To be told after each sweep what of the pending mail is due. */
    swept: (due: MailRow[]): void => {
      const left = due.some(({ id, nextAt }) => dueBefore.get(id) === nextAt);
      if (left && !taken && running === 0) {
        onError(new Error("Due mail was not taken up: the queue's connection is made anew."));
        queue.renew();
      }
      taken = false;
      dueBefore = new Map(due.map(({ id, nextAt }) => [id, nextAt]));
    },
  };
}
