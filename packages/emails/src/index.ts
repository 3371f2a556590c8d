import type { MailTemplate } from "@daybook/domain";
import { render, toPlainText } from "react-email";
import type { MailContext, MailProperties } from "./context.ts";
import { templates } from "./templates.ts";

export type { MailContext, MailProperties } from "./context.ts";

export type RenderedMail = { subject: string; html: string; text: string };

/** Plain text keeps letters as they are, and gives what is to be copied a line of its own. */
const selectors = [
  { selector: "h1", options: { uppercase: false } },
  { selector: ".label", format: "block", options: { leadingLineBreaks: 2, trailingLineBreaks: 1 } },
  { selector: ".value", format: "block", options: { leadingLineBreaks: 1, trailingLineBreaks: 2 } },
];

/**
 * Renders a mail. The same input gives the same mail, so that it can be sent again.
 *
 * @example
 * const { subject, html, text } = await renderMail(
 *   "password-changed",
 *   { name: "Ada Lovelace", at: "2026-11-28T14:05:00.000Z" },
 *   { url: "https://daybook.example.com" },
 * );
 * @throws RangeError where a time is no ISO 8601 moment.
 */
export async function renderMail<K extends MailTemplate>(
  template: K,
  properties: MailProperties<K>,
  context: MailContext,
): Promise<RenderedMail> {
  const { component, subject } = templates[template];
  const html = await render(component({ ...properties, context }));
  return { subject, html, text: toPlainText(html, { selectors }) };
}
