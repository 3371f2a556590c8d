import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import type { Installation } from "./installation.ts";

const crashingServer = join(import.meta.dirname, "crashing-server.ts");

/** Far longer than it takes to reach a point, and to start again and come to rest. */
const PATIENCE_MS = 60_000;
export const TEST_MS = 4 * PATIENCE_MS;

/** Runs the server up to the point, and waits until it has killed itself there. */
export async function crashAt(place: Installation, point: string) {
  const { child, exited, output } = place.start({ CRASH_AT: point }, crashingServer);
  await Promise.race([exited, delay(PATIENCE_MS)]);
  expect(child.signalCode, `${point} was not reached\n${output()}`).toBe("SIGKILL");
}
