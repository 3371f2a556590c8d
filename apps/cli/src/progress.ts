import type { Writable } from "node:stream";
import { pad } from "./text.ts";

/** Shows how far long work is. */
export type Progress = {
  /** `done` of `of` units; a new `task` begins its rate anew. */
  show: (task: string, done: number, of: number) => void;
  /** Takes the bar away, so that what follows stands on a clean line. */
  clear: () => void;
};

const WIDTH = 24;
/** Often enough to move, seldom enough to read. */
const EVERY_MS = 100;

const clock = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;

const counted = (value: number): string => Math.round(value).toLocaleString("en");

/**
 * A bar with rate and remaining time on a terminal; nothing where no terminal reads it.
 *
 * @example
 * people  ████████████░░░░░░░░░░░░   52 %  48,210/s, 11 s left
 */
export function progressBar(stream: Writable & { isTTY?: boolean }, now: () => Date): Progress {
  let task = "";
  let startedMs = 0;
  let shownMs = 0;
  let drawn = false;

  return {
    show: (next, done, of) => {
      const nowMs = now().getTime();
      if (next !== task) {
        task = next;
        startedMs = nowMs;
      } else if (nowMs - shownMs < EVERY_MS) return;
      if (!stream.isTTY || of === 0) return;
      shownMs = nowMs;
      drawn = true;
      const share = Math.min(done / of, 1);
      const filled = Math.round(share * WIDTH);
      const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
      const rate = (done * 1000) / Math.max(nowMs - startedMs, 1);
      const left = rate > 0 ? `, ${clock((of - done) / rate)} left` : "";
      const percent = pad(String(Math.floor(share * 100)), 4, true);
      stream.write(`\r\x1b[K${task}  ${bar} ${percent} %  ${counted(rate)}/s${left}`);
    },
    clear: () => {
      if (drawn) stream.write("\r\x1b[K");
      drawn = false;
    },
  };
}
