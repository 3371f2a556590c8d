/**
 * The highest position of the log that this browser tab has seen. Queries send it along and are not
 * answered from anything older, so a page that follows a command never shows the state before it.
 */
const STORAGE = "daybook.seen";

type Seen = { logId: string; position: number };

let seen: Seen = JSON.parse(sessionStorage.getItem(STORAGE) ?? '{"logId":"","position":0}');

const store = (next: Seen) => {
  seen = next;
  sessionStorage.setItem(STORAGE, JSON.stringify(next));
};

/** Positions of another log mean nothing in this one. */
export function enterLog(logId: string): void {
  if (logId !== seen.logId) store({ logId, position: 0 });
}

export function noteSeen(position: number | undefined): void {
  if (position !== undefined && position > seen.position) store({ ...seen, position });
}

export const seenHeader = (): string => `${seen.logId}:${seen.position}`;
