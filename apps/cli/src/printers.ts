import type { RecordedEvent } from "@daybook/domain";
import { redact, shortStream, summarize } from "./describe.ts";
import type { People } from "./people.ts";
import { createTable } from "./table.ts";
import { safe, safeJson } from "./text.ts";
import { showTime } from "./time.ts";

/** Turns events, part by part, into what is written. */
export type Printer = (events: readonly RecordedEvent[]) => Promise<string>;

/** One line of JSON an event, whole except for what is secret. */
export const jsonLines: Printer = async (events) =>
  events.map((event) => `${safeJson(redact(event))}\n`).join("");

/** A table for people. `lasting` leaves room for rows that are longer than the first. */
export function eventTable(
  people: People,
  room: () => number | undefined,
  lasting: boolean,
): Printer {
  const at = (min: number) => (lasting ? { min } : {});
  const print = createTable([
    { title: "TIME (UTC)", ...at(19) },
    { title: "POSITION", right: true },
    // Whole, the longest names are those of memberships.
    { title: "STREAM", below: true, ...at(room() === undefined ? 84 : 20) },
    { title: "TYPE", ...at(22) },
    { title: "ACTOR", max: 24, ...at(16) },
    { title: "SUMMARY", below: true },
  ]);
  return async (events) => {
    const cells = room();
    const rows: string[][] = [];
    for (const event of events) {
      const { stream, type, position, meta } = event;
      const subject = meta.subject === undefined ? undefined : await people.named(meta.subject);
      rows.push([
        safe(showTime(meta.at)),
        String(position),
        safe(cells === undefined ? stream : shortStream(stream)),
        safe(type),
        await people.acting(meta.actor),
        summarize(event, subject),
      ]);
    }
    return print(rows, cells);
  };
}
