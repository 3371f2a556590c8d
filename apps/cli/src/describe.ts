import { isErased, parseStream, type RecordedEvent } from "@daybook/domain";
import { cut, safe } from "./text.ts";

/** Fields that nobody needs to read and an attacker could try passwords against. */
const secretFields: ReadonlySet<string> = new Set(["hash"]);

/** The end of an id is what tells it from the others: its beginning is the time. */
const TAIL = 8;
/** Error texts of mail servers are long; JSON lines have all of it. */
const TEXT_MAX = 80;

/** The value as it is, with "…" in place of what is secret, however deep it stands. */
export function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      secretFields.has(name) ? "…" : redact(inner),
    ]),
  );
}

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
// Claims, networks and tokens are named by keyed hashes, in base64url.
const KEYED = "(?<![\\w-])[\\w-]{43}(?![\\w-])";
const LONG_ID = new RegExp(`(?:${UUID}\\.)*${UUID}|${KEYED}`, "g");

/** Text as a table shows it: of ids in it only the ends, and of several in a row only the last. */
export const shortId = (text: string): string =>
  text.replace(LONG_ID, (id) => `…${id.slice(-TAIL)}`);

/** A stream's name as a table shows it: the category, and the end of a long id. */
export function shortStream(stream: string): string {
  const { category, id } = parseStream(stream);
  return category ? `${category}-${shortId(id)}` : stream;
}

function show(value: unknown): string {
  if (isErased(value)) return "erased";
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "object" && value !== null) return "{…}";
  if (typeof value !== "string") return String(value);
  const text = cut(safe(shortId(value)), TEXT_MAX);
  return /^[^\s="']+$/.test(text) ? text : JSON.stringify(text);
}

const isNested = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !isErased(value);

/**
 * What the event says, in short: whom it is about, its data without secrets and what was left empty,
 * and the reason that was given. What has parts of its own comes last, as {…}.
 */
export function summarize({ data, meta }: RecordedEvent, subject: string | undefined): string {
  const fields = Object.entries(data).filter(
    ([name, value]) => !secretFields.has(name) && value !== "" && value !== meta.subject,
  );
  const ordered = [
    ...fields.filter(([, value]) => !isNested(value)),
    ...fields.filter(([, value]) => isNested(value)),
  ];
  return [
    ...(subject ? [`about ${subject}`] : []),
    ...ordered.map(([name, value]) => `${safe(name)}=${show(value)}`),
    ...(meta.reason ? [`reason=${show(meta.reason)}`] : []),
  ].join(" ");
}
