import { mailTemplate } from "@daybook/domain";
import { type MailContext, type MailProperties, renderMail } from "@daybook/emails";
import fc from "fast-check";
import { expect, test } from "vitest";
import { masked } from "../../apps/api/src/mail/masking.ts";

/** What stands in the properties of every template. */
const properties = {
  ...{ name: "Grace", username: "grace", email: "grace@navy.example" },
  at: "2026-01-01T12:00:00.000Z",
};

const named: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** As whoever opens it reads it, links included. */
const read = (html: string): string =>
  html
    .replace(/&#x([0-9a-f]+);?/gi, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(/&#(\d+);?/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name) => named[name] as string);

/** Long enough to stand in a mail for nothing else, and full of what HTML escapes. */
const secret = fc
  .array(
    fc.oneof(
      fc.constantFrom("&", "&amp;", "<b>", ">", '"', "'", "#", "%26", "$&", "\\", "(", "]", "é"),
      fc.string({ unit: "grapheme" }),
    ),
    { minLength: 8, maxLength: 20 },
  )
  .map((parts) => parts.join(""))
  .filter((text) => /^[^\s\p{C}]{8,}$/u.test(text));

const render = (context: MailContext) =>
  Promise.all(
    mailTemplate.options.map((template) =>
      renderMail(template, properties as MailProperties<typeof template>, context),
    ),
  );

// Whoever sees a mailbox must not be able to open an account by it, however a mail spells its secret.
test("a masked mail holds its secret in no spelling, alone or in a link", async () => {
  let shown = 0;
  await fc.assert(
    fc.asyncProperty(secret, fc.boolean(), async (text, isLink) => {
      const one = isLink ? `https://daybook.example/reset-password?a=1#${text}` : text;
      for (const { html, text } of await render({ url: "https://daybook.example", secret: one })) {
        if (read(html).includes(one) || text.includes(one)) shown++;
        expect(read(masked(html, [one]))).not.toContain(one);
        expect(masked(text, [one])).not.toContain(one);
      }
    }),
    { numRuns: 100 },
  );
  expect(shown).toBeGreaterThan(100);
});

test.each([
  ["as it is", "a&b<c>'\"#", "a&b<c>'\"#"],
  ["by names", "a&b<c>'\"#", "a&amp;b&lt;c&gt;&apos;&quot;#"],
  ["by numbers", "a&b<c>'\"#", "a&#38;b&#060;c&#62;&#39;&#34;&#35;"],
  ["by hexadecimal numbers", "a&b/c", "a&#x26;b&#X2F;&#x63;"],
  ["in a mixture", "a&&b", "a&&#38;b"],
  ["twice", "s3cret!", "s3cret!</b> and <i>s3cret!"],
])("a secret that is written %s is masked", (_, secret, body) =>
  expect(masked(`<p>${body}</p>`, [secret])).toMatch(/^<p>•+(<\/b> and <i>•+)?<\/p>$/),
);

test("what is no secret stays", () => {
  expect(masked("<p>a.b</p>", ["a?b", "axb"])).toBe("<p>a.b</p>");
  expect(masked("<p>one, two</p>", [])).toBe("<p>one, two</p>");
});
