import {
  type BackupOptions,
  makeBackup,
  openStores,
  type RestoreOptions,
  restoreBackup,
  type Stores,
} from "@daybook/adapters";
import { newEvent } from "./events.ts";
import { temporaryFolder } from "./folder.ts";

/** The address of each visitor: where it can be read, their key is there. */
export const ADDRESS = "198.51.100.23";
export const at = new Date("2026-01-01T12:00:00.000Z");

/** Records the visit of somebody, from an address that is sealed under their key. */
export const visit = ({ events }: Stores, subject: string) =>
  events.append(`person-${subject}`, "any", [
    newEvent("Visited", {}, { subject, actor: { kind: "user", id: subject }, ip: ADDRESS }),
  ]);

/** From where each visitor came. */
export async function addresses({ events }: Stores): Promise<Record<string, unknown>> {
  const all = await Array.fromAsync(events.readAll());
  return Object.fromEntries(all.map(({ meta }) => [meta.subject, meta.ip]));
}

/** An installation and its first back-up, in a folder of their own for each test. */
export function backups() {
  const place = temporaryFolder();
  const data = () => place.file("data");
  const copy = () => place.file("backups/first");
  const config = (key?: string) => ({ data: data(), key });
  const work = { now: () => at, signal: new AbortController().signal, progress: () => {} };
  const open = (key?: string): Promise<Stores> => place.opened(openStores(config(key)));
  return {
    ...{ place, data, copy, config, open },
    backUp: (options: Partial<BackupOptions> = {}) =>
      makeBackup({ ...work, config: config(), target: copy(), version: "1.0.0", ...options }),
    restore: (options: Partial<RestoreOptions> = {}) =>
      restoreBackup({
        ...{ ...work, config: config(), source: copy(), replace: true, erasures: undefined },
        ...options,
      }),
    /** Records two visitors, and closes the installation. */
    twoVisits: async (key?: string) => {
      const stores = await open(key);
      await visit(stores, "ada");
      await visit(stores, "grace");
      await place.closed(stores);
    },
  };
}
