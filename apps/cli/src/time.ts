import { UsageError } from "./failure.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/i;

/**
 * An instant as an operator gives it, in milliseconds since 1970: an ISO 8601 time, in UTC where no
 * zone is named, as the table shows it, or how long ago. Throws UsageError for anything else.
 *
 * @example parseInstant("--since", "2h", now) // two hours before now
 */
export function parseInstant(option: string, text: string, now: Date): number {
  const ago = /^(\d{1,9})([smhdw])$/.exec(text);
  if (ago) return now.getTime() - Number(ago[1]) * (UNIT_MS[ago[2] as string] as number);
  const [, day, time = "00:00", zone = "Z"] = ISO.exec(text) ?? [];
  const instant = Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  // Date.parse takes the 31st of a shorter month for the first of the next.
  if (!day || Number.isNaN(instant) || !isDay(day))
    throw new UsageError(
      `${option}: give a time such as 2026-05-31T14:30Z, or how long ago, such as 30m, 2h or 7d`,
    );
  return instant;
}

const isDay = (day: string): boolean =>
  new Date(`${day}T00:00Z`).toISOString().slice(0, 10) === day;

/** A recorded time for people: UTC, to the second. */
export const showTime = (at: string): string => at.slice(0, 19).replace("T", " ");
