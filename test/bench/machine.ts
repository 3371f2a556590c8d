import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";
import { median } from "./measure.ts";
import type { Setting } from "./row.ts";

/** What the figures were measured on: without it they mean nothing. */
export type Machine = {
  cpu: string;
  cores: number;
  node: string;
  sqlite: string;
  /** How often a second the disk makes a page durable: the bound of every command alone. */
  flushesPerSecond: number;
  /** How many processes were busy before the run: above none, the figures are too low. */
  load: number;
};

const FLUSHES = 500;

function flushRate(folder: string): number {
  const path = join(folder, "flushed");
  const file = openSync(path, "w");
  const page = Buffer.alloc(4096, 1);
  const rates = Array.from({ length: 3 }, () => {
    const startedAt = performance.now();
    for (let flush = 0; flush < FLUSHES; flush++) {
      writeSync(file, page);
      fsyncSync(file);
    }
    return FLUSHES / ((performance.now() - startedAt) / 1000);
  });
  closeSync(file);
  rmSync(path);
  return median(rates);
}

export const describeMachine = ({ folder }: Pick<Setting, "folder">): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  node: process.versions.node,
  sqlite: process.versions.sqlite ?? "unknown",
  flushesPerSecond: Math.round(flushRate(folder)),
  load: loadavg()[0] ?? 0,
});
