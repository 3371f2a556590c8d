const MASK = "••••••••";

const names: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
};

/** A character as a text or HTML may hold it: as it is, by its number, or by its name. */
function written(char: string): string {
  const code = char.codePointAt(0) as number;
  const hex = code.toString(16);
  const name = names[char];
  return `(?:\\u{${hex}}|&#0*${code};?|&#x0*${hex};?${name ? `|&${name};` : ""})`;
}

/** A body without its secrets, in whatever way HTML spells them: an `&` in a link is `&amp;` there. */
export const masked = (body: string, secrets: readonly string[]): string =>
  secrets.reduce(
    (text, secret) => text.replace(new RegExp([...secret].map(written).join(""), "giu"), MASK),
    body,
  );
