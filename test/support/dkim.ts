import { createHash, createVerify, type KeyObject } from "node:crypto";

/** RFC 6376, 3.4.2: a field's name in small letters, its value on one line with single spaces. */
function relaxed(field: string): string {
  const [, name = "", value = ""] = /^([^:]*):(.*)$/s.exec(field) ?? [];
  const spaced = value.replace(/\r\n/g, "").replace(/[ \t]+/g, " ");
  return `${name.trim().toLowerCase()}:${spaced.trim()}`;
}

/** RFC 6376, 3.4.4: no spaces at the ends of lines, and no empty lines at the end. */
const relaxedBody = (body: string): string =>
  body
    .replace(/[ \t]+\r\n/g, "\r\n")
    .replace(/[ \t]+/g, " ")
    .replace(/(\r\n)*$/, "\r\n");

/** A mail's header fields, folded as they came, and its body. */
function parts(raw: string) {
  const end = raw.indexOf("\r\n\r\n");
  return { fields: raw.slice(0, end).split(/\r\n(?![ \t])/), body: raw.slice(end + 4) };
}

/** What the signature of a mail says: its tags, and the fields it was made over. */
export function dkimSignature(raw: string) {
  const field = parts(raw).fields.find((one) => /^DKIM-Signature:/i.test(one)) ?? "";
  const pairs = relaxed(field).replace("dkim-signature:", "").split(";");
  const tags: Record<string, string> = {};
  for (const pair of pairs) {
    const [, name, value] = /^\s*(\w+)=(.*)$/s.exec(pair) ?? [];
    if (name) tags[name] = (value ?? "").replaceAll(" ", "");
  }
  return { field, tags, headers: (tags.h ?? "").toLowerCase().split(":") };
}

/** Whether a mail carries a signature (relaxed/relaxed, rsa-sha256) of this key, and is unchanged. */
export function isSignedBy(raw: string, key: KeyObject): boolean {
  const { field, tags, headers } = dkimSignature(raw);
  const { fields, body } = parts(raw);
  const hash = createHash("sha256").update(relaxedBody(body)).digest("base64");
  if (hash !== tags.bh || tags.c !== "relaxed/relaxed") return false;
  const signed = headers.flatMap((name) => {
    const found = fields.findLast((one) => one.toLowerCase().startsWith(`${name}:`));
    return found ? [relaxed(found)] : [];
  });
  // The signature's own field comes last, with nothing in place of the signature.
  const own = relaxed(field).replace(/([;\s]b=)[^;]*/, "$1");
  return createVerify("rsa-sha256")
    .update([...signed, own].join("\r\n"))
    .verify(key, tags.b ?? "", "base64");
}
