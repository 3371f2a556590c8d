import type { MailTemplate } from "@daybook/domain";
import type { MailContext, MailProperties } from "./context.ts";

type Sample<K extends MailTemplate> = {
  properties: MailProperties<K>;
  /** Where the template has one: an invented secret, of the kind and length that it really has. */
  secret?: (url: string) => string;
  /** When it would end, ISO 8601. */
  expiresAt?: string;
};

const name = "Ada Lovelace";
const at = "2026-11-28T14:05:31.250Z";

/** Every symbol that a temporary password may hold, and both cases. */
const password = { secret: () => "hQ#%m+=?Z@_-9kRw", expiresAt: at };

/** As long as links are, with a fragment: none of it may be folded, cut or re-encoded. */
const link = {
  secret: (url: string) =>
    `${url}/reset-password#token=${"0192f0c1-7b1e-7c3a-9d7e-1a2b3c4d5e6f.".repeat(5)}kQ_m-v`,
  expiresAt: at,
};

/** What each mail is shown with where nobody is mailed; one without a line here does not compile. */
export const samples: { readonly [K in MailTemplate]: Sample<K> } = {
  "account-created": {
    properties: { name, username: "ada", email: "ada@example.com" },
    ...password,
  },
  "password-reset": { properties: { name, username: "ada" }, ...password },
  "password-reset-link": { properties: { name }, ...link },
  "password-changed": { properties: { name, at } },
  "test-mail": { properties: { name, at } },
};

/** What the sample of a template is rendered with besides its properties. */
export function sampleContext(template: MailTemplate, url: string): MailContext {
  const { secret, expiresAt }: Sample<MailTemplate> = samples[template];
  return { url, secret: secret?.(url), expiresAt };
}
