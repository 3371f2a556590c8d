import { type MailTemplate, mailTemplate, mailTemplates } from "@daybook/domain";
import { describe, expect, test } from "vitest";
import { renderBodies } from "./bodies.ts";
import { compile, type Values } from "./filling.ts";
import { type MailProperties, renderMail } from "./index.ts";

const url = "https://daybook.example.com";
const MOMENT = "2026-11-28T14:05:31.250Z";
const READ = "28 November 2026, 14:05 UTC";

/** What values are made of that may be shown otherwise than they are. */
const pieces = [
  ...["Ada", "Zoë", "漢字", "👩‍👧", "e\u0301", "x".repeat(300), "\u{1f600}", "ﷺ", "\u202eevil"],
  ...[" ", "  ", "\n", "\r\n", "\t", "\f", "\u00a0", "\u200b", "\u2028", "\ufeff", "\0", "\u001b"],
  ...[
    "&",
    "&amp;",
    "&nbsp;",
    "&#x27;",
    "<",
    "<b>",
    "</div>",
    "<!-- -->",
    "]]>",
    '"',
    "'",
    "`",
    "\\",
  ],
  ...["\ue000", "\ue001", "\ue004", "\uf8ff", "$&", "$1", "{name}", "undefined"],
  ...["\ud83d", "\udc00", "\uffff", "#", "mailto:", "JavaScript:", `${url}/?a=1&b=2#c`, ",", "."],
];

/** Mulberry32: the same seed gives the same values again. */
function valuesOf(seed: number) {
  let state = seed;
  const below = (end: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
  };
  return () => Array.from({ length: below(5) }, () => pieces[below(pieces.length)]).join("");
}

const ordinary = ["Ada Lovelace", "Zoë O'Connor-Smith", '<Bo> & "Co"', "x".repeat(5000), "李 明"];
const odd = ["", " ", "Ada ", "Ada  L", "Ada\nL", "a\u200bb", "a\u00a0b", "\0", "\ud800", "\ue000"];

describe.each(mailTemplate.options)("%s", (template) => {
  const names = Object.keys(mailTemplates[template].shape).filter((name) => name !== "at");

  /** As it is sent, and as it is rendered without any short cut. */
  async function both(values: Values, ends: boolean) {
    const { secret, url: address = url, ...rest } = values;
    const context = { url: address, secret, expiresAt: ends ? MOMENT : undefined };
    const properties = { ...rest, ...(template === "password-changed" && { at: MOMENT }) };
    const { html, text } = await renderMail(
      template,
      properties as MailProperties<MailTemplate>,
      context,
    );
    const read = {
      ...{ ...values, url: address },
      ...(template === "password-changed" && { at: READ }),
      ...(ends && { expiresAt: READ }),
    };
    return [{ html, text }, await renderBodies(template, read)];
  }

  // A mail that is filled in must be the one that was tested, whatever people are called.
  const seed = Math.floor(Math.random() * 2 ** 32);
  test(`filled in is what rendering gives, for any values (seed ${seed})`, async () => {
    const value = valuesOf(seed);
    for (let run = 0; run < 60; run++) {
      const values: Record<string, string> = {};
      for (const name of [...names, "url", "secret"]) values[name] = value();
      if (run % 3 === 0) delete values.secret;
      const [sent, rendered] = await both(values, run % 2 === 0);
      expect(sent, JSON.stringify(values)).toEqual(rendered);
    }
  });

  test("filled in is what rendering gives, for the values that are known to be shown otherwise", async () => {
    for (const value of [...ordinary, ...odd])
      for (const secret of [undefined, value, "#Qh%m+=?Z@_-9kRw", "javascript:alert(1)"]) {
        const values = Object.fromEntries(names.map((name) => [name, value]));
        const [sent, rendered] = await both({ ...values, ...(secret && { secret }) }, true);
        expect(sent, JSON.stringify({ value, secret })).toEqual(rendered);
      }
  });
});

describe("filling", () => {
  const compiled = (html: string) =>
    compile(["value"], async ({ value = "" }) => ({ html: html.replace("_", value), text: value }));

  // Else every mail would be rendered, and nobody notice but by the rate.
  test("fills in what people are usually called, and what is sent to them", async () => {
    const fill = await compiled("<p>_</p>");
    for (const value of [...ordinary, "ada@example.com", "#Qh%m+=?Z@_-9kRw", READ])
      expect(fill({ value }), value).toMatchObject({ text: value });
    for (const value of odd) expect(fill({ value }), JSON.stringify(value)).toBeUndefined();
  });

  test("fills in an address only where it is kept whole", async () => {
    const fill = await compiled('<a href="_">here</a>');
    const link = `${url}/reset-password?a=1&b=2#token=kQ_m-v.0192f0c1`;
    expect(fill({ value: link })?.html).toBe(`<a href="${link.replace("&", "&amp;")}">here</a>`);
    for (const value of [`${url}/ a`, "#a", "mailto:a@b.c", "JavaScript:alert(1)"])
      expect(fill({ value }), value).toBeUndefined();
  });

  test("renders once, whatever is filled in afterwards", async () => {
    let renders = 0;
    const fill = await compile(["name", "email"], async ({ name, email }) => {
      renders++;
      return { html: `<p>${name}</p>${email}${name}`, text: `${email}: ${name}` };
    });
    expect(fill({ name: "<$&'>", email: "a&b" })).toEqual({
      html: "<p>&lt;$&amp;&#x27;&gt;</p>a&amp;b&lt;$&amp;&#x27;&gt;",
      text: "a&b: <$&'>",
    });
    expect(renders).toBe(1);
  });
});
