import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openApp, startRunner } from "@daybook/application";
import { catalogue } from "@daybook/domain";
import { eventually } from "./eventually.ts";

/** Deletes a database with all that SQLite keeps beside it. */
export function removeDatabase(folder: string, name: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(join(folder, name + suffix), { force: true });
}

/** Puts the copy of a database in the place of another, as an operator would with files. */
export function replaceDatabase(folder: string, name: string, from: string): void {
  removeDatabase(folder, name);
  cpSync(join(from, name), join(folder, name));
}

/** Opens an installation, reads its log, builds its read models to the end, and closes it. */
export async function serve(data: string, key?: string) {
  const app = await openApp({ data, key }, () => new Date());
  try {
    const events = await Array.fromAsync(app.events.readAll());
    const head = await app.events.head();
    const onError = () => {};
    const runner = await startRunner({ ...app, catalogue, onError });
    await eventually(async () =>
      runner.status().every(({ state, position }) => state === "live" && position >= head)
        ? true
        : undefined,
    );
    await runner.stop();
    return { events, head, notices: app.notices };
  } finally {
    await app.close();
  }
}

/** All documents of the read models, as they lie in the file of a closed installation. */
export function documentsIn(data: string): Record<string, unknown[]> {
  using db = new DatabaseSync(join(data, "views.db"), { readOnly: true });
  const names = db.prepare("SELECT name FROM collections ORDER BY name").all();
  return Object.fromEntries(
    names
      .map(({ name }) => String(name))
      .filter((name) => !name.startsWith("daybook."))
      .map((name) => [
        name,
        db
          .prepare(`SELECT id, guard, doc FROM "${name}" ORDER BY id`)
          .all()
          // Two folds of one document may write its fields in either order.
          .map(({ doc, ...one }) => ({ ...one, row: JSON.parse(String(doc)) })),
      ]),
  );
}

/** What the read models are where nothing but the log is there to build them from. */
export async function rebuiltDocuments(data: string) {
  removeDatabase(data, "views.db");
  await serve(data);
  return documentsIn(data);
}
