import { type ChildProcess, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { median } from "./measure.ts";

/** What a process takes of the machine, as the operating system says. */

/** The processor time that a process has had so far, in seconds; nothing where it cannot be told. */
function processorSeconds({ pid }: ChildProcess): number | undefined {
  if (process.platform !== "linux") return undefined;
  // Behind the name, which may hold anything: fields 14 and 15 in hundredths of a second (proc(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** How busy a process was in the meantime: at 1, it had a core for itself and used all of it. */
export async function whileBusy<T>(child: ChildProcess, work: () => Promise<T>) {
  const before = processorSeconds(child);
  const startedAt = performance.now();
  const result = await work();
  const after = processorSeconds(child);
  const seconds = (performance.now() - startedAt) / 1000;
  const busy = before !== undefined && after !== undefined ? (after - before) / seconds : undefined;
  return { result, busy };
}

function residentKb({ pid }: ChildProcess): number {
  if (process.platform === "linux")
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  return Number(spawnSync("ps", ["-o", "rss=", "-p", String(pid)]).stdout);
}

/** The resident memory of a process once it has settled, in kilobytes: the median of some seconds. */
export async function settledKb(child: ChildProcess): Promise<number> {
  await delay(2000);
  const seen: number[] = [];
  for (let look = 0; look < 11; look++) {
    seen.push(residentKb(child));
    await delay(200);
  }
  return median(seen);
}
