const MONTHS =
  "January February March April May June July August September October November December".split(
    " ",
  );

/**
 * A moment as people read it. In UTC and saying so: where the reader is, we do not know.
 * Not by `Intl`: its first use takes 15 ms, and its wording changes with the version of ICU.
 *
 * @example moment("2026-11-28T14:05:31.250Z"); // "28 November 2026, 14:05 UTC"
 * @throws RangeError where `iso` is no moment.
 */
export function moment(iso: string): string {
  const at = new Date(iso);
  const time = at.toISOString().slice(11, 16);
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}, ${time} UTC`;
}
