import { useSyncExternalStore } from "react";
import { exact, fromNow } from "../texts/format.ts";

/** How often what is said of a moment is looked at again. */
const LOOK_MS = 30_000;

let now = Date.now();
const clocks = new Set<() => void>();
setInterval(() => {
  now = Date.now();
  for (const tick of clocks) tick();
}, LOOK_MS);

function subscribe(tick: () => void) {
  clocks.add(tick);
  return () => void clocks.delete(tick);
}

/** A moment as people speak of it, with the exact time when pointed at or read out. */
export function Moment({ at }: { at: string }) {
  const date = new Date(at);
  useSyncExternalStore(subscribe, () => now);
  return (
    <time dateTime={at} title={exact.format(date)}>
      {fromNow(date)}
      <span className="read-out">, {exact.format(date)}</span>
    </time>
  );
}
