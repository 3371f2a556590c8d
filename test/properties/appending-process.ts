import { openSqliteEventStore } from "@daybook/adapters";
import { newEvent } from "../support/events.ts";

/** A program that appends to the log of a file, one event after the other, as another server would. */
const [file = "", stream = "", count = "0"] = process.argv.slice(2);
const store = await openSqliteEventStore(file);
for (let n = 0; n < Number(count); n++)
  await store.append(stream, "any", [
    // Ids of its own: another process counts from the start too.
    { ...newEvent("Counted", { n }), id: crypto.randomUUID() },
  ]);
await store.close();
