import type { MailTemplate } from "@daybook/domain";
import { renderBodies } from "./bodies.ts";
import type { MailContext, MailProperties } from "./context.ts";
import { type Bodies, compile, type Values } from "./filling.ts";
import { moment } from "./moment.ts";
import { sampleContext, samples } from "./samples.ts";
import { templates } from "./templates.ts";

export type { MailContext, MailProperties } from "./context.ts";

export type RenderedMail = Bodies & { subject: string };

/** By the naming of the domain, what is called so holds an ISO 8601 moment. */
const isMoment = (name: string) => name === "at" || name.endsWith("At");

/** What there is to show, as people read it. */
function shown(given: Readonly<Record<string, string | undefined>>): Values {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(given))
    if (value !== undefined) values[name] = isMoment(name) ? moment(value) : value;
  return values;
}

/** By template and the values that are there: they decide which sentences stand in the mail. */
const compiled = new Map<string, ReturnType<typeof compile>>();

function fillingOf(template: MailTemplate, names: readonly string[]) {
  const shape = [template, ...names].join(" ");
  const known = compiled.get(shape);
  if (known) return known;
  const filling = compile(names, (values) => renderBodies(template, values));
  compiled.set(shape, filling);
  return filling;
}

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
  const { subject } = templates[template];
  const values = shown({ ...properties, ...context });
  const fill = await fillingOf(template, Object.keys(values));
  return { subject, ...(fill(values) ?? (await renderBodies(template, values))) };
}

/** A mail as it would look, with invented people and secrets. `url` is where people sign in. */
export const renderSample = (template: MailTemplate, url: string): Promise<RenderedMail> =>
  renderMail(template, samples[template].properties, sampleContext(template, url));

/** The subject of a template's mails: always the same. */
export const subjectOf = (template: MailTemplate): string => templates[template].subject;
