import type { MailTemplate, mailTemplates } from "@daybook/domain";
import type { z } from "zod";

/** The properties of a template: its line in the domain's table says which. */
export type MailProperties<K extends MailTemplate> = z.output<(typeof mailTemplates)[K]>;

/** What a mail is rendered with besides the template's own properties. */
export type MailContext = {
  /** Where people sign in, without a slash at the end. */
  url: string;
  /** The temporary password, or the complete reset link. */
  secret?: string | undefined;
  /** ISO 8601: when the secret ends. */
  expiresAt?: string | undefined;
};

/** What the component of a template is given: every time as people read it. */
export type MailProps<K extends MailTemplate> = MailProperties<K> & { context: MailContext };
