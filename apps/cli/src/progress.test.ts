import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { openProgress, progressLine } from "./progress.ts";

const step = (done: number) => ({ task: "Checking", unit: "events", done, total: 4000 });

test("a line shows the share, the rate and the time that is left", () => {
  const line = progressLine(step(1000), 2000);
  expect(line).toBe(`Checking ${"█".repeat(6)}${"░".repeat(18)}  25%  500 events/s, 0:06 left`);
  expect(progressLine(step(4000), 2000)).toContain(" 100%  2,000 events/s, 0:00 left");
  expect(progressLine({ ...step(0), total: 0 }, 0)).toContain(" 100%");
});

test("it is drawn on a terminal, now and then, and wiped at the end; elsewhere nothing is", () => {
  for (const isTTY of [true, false]) {
    const stream = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY, columns: 60 });
    let at = 1_000_000;
    const progress = openProgress(stream, () => new Date(at));
    for (let done = 0; done <= 4000; done += 10) {
      progress.show(step(done));
      at += 1;
    }
    progress.wipe();
    const lines = String(stream.read() ?? "").split("\r\u001b[K");
    expect(lines).toHaveLength(isTTY ? 7 : 1);
    for (const line of lines) expect(line.length).toBeLessThan(60);
    expect(lines.at(-1)).toBe("");
  }
});
