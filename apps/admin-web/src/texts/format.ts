import { locale } from "./index.ts";

export const number = new Intl.NumberFormat(locale);

/** Past this the server stops counting. */
const COUNT_CAP = 1000;

/** A count as it was made: past the cap there are more. */
export const counted = (count: number | undefined): string =>
  count === undefined ? "" : `${number.format(count)}${count >= COUNT_CAP ? "+" : ""}`;

const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

/** A moment as people speak of it: "yesterday", "in 5 minutes". */
export function fromNow(at: Date, now = Date.now()): string {
  const seconds = Math.round((at.getTime() - now) / 1000);
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  // Younger than that is now: a clock that counts seconds is looked at, and says nothing.
  if (unit === "second") return relative.format(0, "second");
  return relative.format(Math.round(seconds / size), unit);
}

/** A moment to the second, in the person's own time zone, which it names. */
export const exact = new Intl.DateTimeFormat(locale, {
  ...{ year: "numeric", month: "short", day: "numeric" },
  ...{ hour: "numeric", minute: "2-digit", second: "2-digit", timeZoneName: "short" },
});

/** The hour of a day, as an axis says it. */
export const hour = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });

/** The day of a moment, as a heading says it. */
export const day = new Intl.DateTimeFormat(locale, {
  weekday: "long",
  day: "numeric",
  month: "long",
});

/** The same where there is little room. */
export const shortDay = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric" });
