import type { Writable } from "node:stream";
import type { Step } from "@daybook/adapters";
import { cut } from "./text.ts";

/** Drawn no more often than a person can read. */
const DRAW_MS = 100;
const BAR = 24;
const CLEAR = "\r\u001b[K";

const number = (value: number): string => Math.round(value).toLocaleString("en-GB");

function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** One line of progress: a bar, the share, the rate, and how long it will go on like this. */
export function progressLine({ task, unit, done, total }: Step, elapsedMs: number): string {
  const share = total > 0 ? Math.min(done / total, 1) : 1;
  const bar = "█".repeat(Math.round(share * BAR)).padEnd(BAR, "░");
  const perSecond = (done * 1000) / Math.max(elapsedMs, 1);
  const left = perSecond > 0 ? `, ${clock((total - done) / perSecond)} left` : "";
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `${task} ${bar} ${percent}  ${number(perSecond)} ${unit}/s${left}`;
}

/** Shows how far long work is. */
export type Progress = { show: (step: Step) => void; wipe: () => void };

/** Shows progress on a terminal, in one line that is wiped at the end; elsewhere nothing. */
export function openProgress(
  stream: Writable & { isTTY?: boolean; columns?: number },
  now: () => Date,
): Progress {
  let task = "";
  let since = 0;
  let drawn = 0;
  return {
    show: (step: Step) => {
      const at = now().getTime();
      if (step.task !== task) [task, since, drawn] = [step.task, at, 0];
      if (!stream.isTTY || at - drawn < DRAW_MS) return;
      drawn = at;
      stream.write(`${CLEAR}${cut(progressLine(step, at - since), (stream.columns ?? 80) - 1)}`);
    },
    wipe: () => {
      if (drawn > 0) stream.write(CLEAR);
    },
  };
}
