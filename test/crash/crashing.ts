import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import type { SpawnedServer } from "../support/server.ts";
import type { Installation } from "./installation.ts";

const crashingServer = join(import.meta.dirname, "crashing-server.ts");

/** Far longer than it takes to reach a point, and to start again and come to rest. */
const PATIENCE_MS = 60_000;
export const TEST_MS = 4 * PATIENCE_MS;

/** Starts the server that kills itself at a point; at none, unless it is told one later. */
export const startCrashing = (place: Installation, point = "") =>
  place.start({ CRASH_AT: point }, crashingServer);

/** Waits until the server has killed itself. */
export async function crashed({ child, exited, output }: SpawnedServer, point: string) {
  await Promise.race([exited, delay(PATIENCE_MS)]);
  expect(child.signalCode, `${point} was not reached\n${output()}`).toBe("SIGKILL");
}
