import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";

type Closable = { close: () => Promise<void> };

/**
 * A folder of its own for each test. What is opened through it is closed after the test, and the
 * folder deleted.
 *
 * @example
 * const place = temporaryFolder();
 * const store = await place.opened(openSqliteEventStore(place.file("events.db")));
 */
export function temporaryFolder() {
  let folder = "";
  const open = new Set<Closable>();
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "daybook-"));
  });
  afterEach(async () => {
    // Clients before the servers they are connected to.
    const last = [...open].reverse();
    open.clear();
    for (const one of last) await one.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    path: () => folder,
    file: (name: string) => join(folder, name),
    opened: async <C extends Closable>(opening: Promise<C>): Promise<C> => {
      const one = await opening;
      open.add(one);
      return one;
    },
    /** Closes it now, in the middle of the test. */
    closed: async (one: Closable) => {
      open.delete(one);
      await one.close();
    },
  };
}
