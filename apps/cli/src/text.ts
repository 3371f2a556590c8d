/**
 * What a terminal must not get from data: control characters, which move the cursor or change its
 * settings, characters that turn or hide what stands beside them, and halves of characters. The two
 * joiners stay, since Persian, Hindi and emoji are written with them.
 */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Co}[\p{Cf}--[\u200C\u200D]]]/v;
const ALL_UNSAFE = new RegExp(UNSAFE, "gv");

/** Text that is safe to print, with a replacement character for each that is not. */
export const safe = (text: string): string => text.replace(ALL_UNSAFE, "\u{FFFD}");

/** A message as one safe line. */
export const oneLine = (text: string): string => safe(text.replace(/\s+/g, " ").trim());

/**
 * JSON that is safe to print and parses to the same value: JSON.stringify escapes neither DEL nor
 * the C1 controls, which some terminals obey. Such characters occur only inside of strings.
 */
export const safeJson = (value: unknown): string =>
  JSON.stringify(value).replace(ALL_UNSAFE, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );

const ASCII = /^[\x20-\x7E]*$/;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
// East Asian scripts and their full-width forms, and emoji, take two cells (UAX #11).
const WIDE =
  /^(?![\uFF61-\uFFDC])[\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}\u3000-\u303E\uFF01-\uFF60\uFFE0-\uFFE6\p{Emoji_Presentation}]|\uFE0F/v;
const NO_WIDTH = /^[\p{Mn}\p{Me}\u200C\u200D]+$/v;

const cells = (grapheme: string): number =>
  WIDE.test(grapheme) ? 2 : NO_WIDTH.test(grapheme) ? 0 : 1;

/** How many cells of a terminal the text takes. */
export function width(text: string): number {
  if (ASCII.test(text)) return text.length;
  let sum = 0;
  for (const { segment } of graphemes.segment(text)) sum += cells(segment);
  return sum;
}

/** The text in at most `room` cells; where something is cut off, it ends in "…". */
export function cut(text: string, room: number): string {
  if (width(text) <= room) return text;
  let kept = "";
  let left = room - 1;
  for (const { segment } of graphemes.segment(text)) {
    left -= cells(segment);
    if (left < 0) break;
    kept += segment;
  }
  return room > 0 ? `${kept}…` : "";
}

/** The text with spaces up to `room` cells, behind it or before it. */
export const pad = (text: string, room: number, right = false): string => {
  const spaces = " ".repeat(Math.max(room - width(text), 0));
  return right ? spaces + text : text + spaces;
};
