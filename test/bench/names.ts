/** Ids and names that follow from a number, so that nothing about the fixtures has to be kept. */

const kinds = [
  "organization",
  "person",
  "credential",
  "email",
  "username",
  "event",
  "command",
] as const;

/** A UUIDv7; later numbers come behind earlier ones, as with ids that are made one by one. */
export const idOf = (kind: (typeof kinds)[number], nth: number): string =>
  `019b7a2c-6c00-7${String(kinds.indexOf(kind)).padStart(3, "0")}-8000-${nth.toString(16).padStart(12, "0")}`;

const syllables = ["ba", "ce", "do", "fi", "gu", "ha", "je", "ko", "li", "mu", "na", "pe", "ro"];

/** Scatters the numbers, so that neighbours are not named alike (a multiplicative hash). */
const scattered = (nth: number): number => Math.imul(nth + 1, 0x9e3779b1) >>> 0;

function word(from: number, length: number): string {
  const parts = Array.from({ length }, (_, at) => {
    const digit = Math.floor(from / syllables.length ** at) % syllables.length;
    return syllables[digit];
  });
  const text = parts.join("");
  return `${text[0]?.toUpperCase()}${text.slice(1)}`;
}

export function nameOf(nth: number) {
  const from = scattered(nth);
  const firstName = word(from >>> 8, 3);
  const lastName = word(from, 5);
  const username = `${lastName.toLowerCase()}.${nth}`;
  return { firstName, lastName, username, email: `${username}@bench.example` };
}
