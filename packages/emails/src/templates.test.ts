import { type MailTemplate, mailTemplate } from "@daybook/domain";
import { describe, expect, test } from "vitest";
import { type MailContext, renderMail, renderSample, subjectOf } from "./index.ts";
import { moment } from "./moment.ts";
import { sampleContext, samples } from "./samples.ts";

const url = "https://daybook.example.com";
const withSecret = mailTemplate.options.filter((template) => sampleContext(template, url).secret);

const rendered = (template: MailTemplate, context?: Partial<MailContext>, change?: object) =>
  renderMail(template, { ...samples[template].properties, ...change }, { url, ...context });

const count = (text: string, part: string) => text.split(part).length - 1;

describe.each(mailTemplate.options)("%s", (template) => {
  const context = sampleContext(template, url);

  test("greets the reader and says which installation sent it, in HTML and in plain text", async () => {
    const { subject, html, text } = await rendered(template, context);
    expect(subject).toMatch(/^[A-Z][\w -]+$/);
    for (const body of [html, text]) {
      expect(body).toContain("Hello Ada Lovelace,");
      expect(body).toMatch(/Sent by Daybook at .*https:\/\/daybook\.example\.com/);
    }
    expect(text).not.toMatch(/<[a-z!/]|&\w+;|undefined|\[object/);
  });

  test("is a document with a language, a title and colours for dark readers", async () => {
    const { html } = await rendered(template, context);
    expect(html).toMatch(/<html[^>]* lang="en"/);
    expect(html).toMatch(/<title>[A-Z][a-z ]+<\/title>/);
    expect(html).toContain('<meta name="color-scheme" content="light dark"/>');
  });

  test("has one heading, which plain text begins with and does not put in capitals", async () => {
    const { html, text } = await rendered(template, context);
    const heading = /<title>([^<]+)</.exec(html)?.[1];
    expect(html).toMatch(new RegExp(`<h1[^>]*>${heading}</h1>`));
    expect(text.split("\n\n")[0]).toBe(heading);
  });

  // A resource fetched from elsewhere tells others that, when and where a mail was read.
  test("fetches nothing, and links only to the installation", async () => {
    const { html } = await rendered(template, context);
    expect(html).not.toMatch(
      /\b(src|srcset|background|poster)=|url\(|@import|<(link|script|iframe)/i,
    );
    const hrefs = [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
    expect(hrefs.length).toBeGreaterThan(0);
    for (const href of hrefs) expect([context.secret, url]).toContain(href);
  });

  test("shows a hostile name as text", async () => {
    const name = `<script>alert("1")</script><img src=x onerror='2'>`;
    const { html, text } = await rendered(template, context, { name });
    expect(html).not.toMatch(/<script|<img/i);
    expect(html).toContain("Hello &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&lt;img");
    expect(text).toContain(`Hello ${name},`);
  });

  // A line break in a header begins another header; in a text, a paragraph that seems to be ours.
  test("keeps a name with line breaks out of the subject and on its line of the text", async () => {
    const plain = await rendered(template, context);
    const name = "Ada\r\nBcc: all@example.com\r\n\r\nYour account is closed";
    const { subject, text } = await rendered(template, context, { name });
    expect(subject).toBe(plain.subject);
    expect(text).toContain("Hello Ada Bcc: all@example.com Your account is closed,");
    expect(text.split("\n")).toHaveLength(plain.text.split("\n").length);
  });

  test("is the same when it is rendered again, as a second attempt to send it does", async () => {
    expect(await rendered(template, context)).toEqual(await rendered(template, context));
  });

  test("is shown as a sample as it is sent", async () => {
    expect(await renderSample(template, url)).toEqual(await rendered(template, context));
    expect(subjectOf(template)).toBe((await rendered(template, context)).subject);
  });

  test("promises no secret when there is none", async () => {
    const { html, text } = await rendered(template);
    for (const body of [html, text])
      expect(body).not.toMatch(/temporary|inside|below|24 hours|follow the link|undefined/i);
  });
});

describe.each(withSecret)("the secret of %s", (template) => {
  const { secret = "", expiresAt } = sampleContext(template, url);

  test("stands verbatim, once in HTML and once in plain text, alone on its line", async () => {
    const { subject, html, text } = await rendered(template, { secret, expiresAt });
    expect(subject).not.toContain(secret);
    expect(count(html, secret)).toBe(1);
    expect(count(text, secret)).toBe(1);
    expect(text.split("\n")).toContain(secret);
  });

  test("has an end, shown in UTC where it is known", async () => {
    const { html, text } = await rendered(template, { secret, expiresAt });
    for (const body of [html, text]) expect(body).toContain("28 November 2026, 14:05 UTC");
    expect((await rendered(template, { secret })).text).not.toMatch(/UTC|until|ends on/);
  });

  // Lists of mails are seen by whoever sees the screen.
  test("is not in the preview", async () => {
    const { html } = await rendered(template, { secret, expiresAt });
    const preview = /<div style="display:none[^>]*>([^<]+)</.exec(html)?.[1];
    expect(preview).toMatch(/\binside\b/);
    expect(preview).not.toContain(secret);
  });
});

describe("what each mail tells the reader to do", () => {
  test("a new account with a given password is signed in to with that", async () => {
    const { text } = await rendered("account-created");
    expect(text).toContain("the password you were given");
    expect(text).toContain(`Sign in\n${url}`);
  });

  test("a temporary password must be changed", async () => {
    const { text } = await renderSample("password-reset", url);
    expect(text).toContain("An administrator reset your password.");
    expect(text).toContain("It must be changed at your next sign-in.");
  });

  test("a link works once and for 24 hours, and is what the button opens", async () => {
    const { html, text } = await renderSample("password-reset-link", url);
    const link = sampleContext("password-reset-link", url).secret;
    expect(text).toContain("It works once and for 24 hours, until 28 November 2026, 14:05 UTC.");
    expect(html).toContain(`<a href="${link}"`);
  });

  test("a changed password is told with its time, and what to do if it was somebody else", async () => {
    const { text } = await rendered("password-changed");
    expect(text).toContain("Your password was changed on 28 November 2026, 14:05 UTC.");
    expect(text).toMatch(/If it was not you, .*Reset your password.*tell your administrator/);
  });
});

test("a test mail says when it was tried, and that there is nothing to do", async () => {
  const { text } = await rendered("test-mail");
  expect(text).toContain("On 28 November 2026, 14:05 UTC it was tried whether mail");
  expect(text).toContain("there is nothing to do");
});

describe("a moment", () => {
  test.each([
    ["2026-01-01T00:00:00.000Z", "1 January 2026, 00:00 UTC"],
    ["2026-12-31T23:59:59.999Z", "31 December 2026, 23:59 UTC"],
    ["2026-11-29T00:05:00+10:00", "28 November 2026, 14:05 UTC"],
  ])("%s reads %s", (iso, words) => expect(moment(iso)).toBe(words));

  test("that is none fails the mail rather than showing nonsense", async () => {
    const broken = rendered("password-changed", {}, { at: "yesterday" });
    await expect(broken).rejects.toThrow(RangeError);
  });
});
