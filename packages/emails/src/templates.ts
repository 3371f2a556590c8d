import type { MailTemplate } from "@daybook/domain";
import type { ReactElement } from "react";
import { AccountCreated } from "./accounts/account-created.tsx";
import { PasswordChanged } from "./accounts/password-changed.tsx";
import { PasswordReset } from "./accounts/password-reset.tsx";
import { PasswordResetLink } from "./accounts/password-reset-link.tsx";
import type { MailProps } from "./context.ts";
import { TestMail } from "./mail/test-mail.tsx";

type Template<K extends MailTemplate> = {
  component: (props: MailProps<K>) => ReactElement;
  /** A constant: a subject is a header, and nothing that people typed may come near one. */
  subject: string;
};

/** How each mail of the domain's table is rendered; one without a line here does not compile. */
export const templates: { readonly [K in MailTemplate]: Template<K> } = {
  "account-created": { component: AccountCreated, subject: "Your Daybook account is ready" },
  "password-reset": { component: PasswordReset, subject: "Your Daybook password was reset" },
  "password-reset-link": { component: PasswordResetLink, subject: "Choose a new Daybook password" },
  "password-changed": { component: PasswordChanged, subject: "Your Daybook password was changed" },
  "test-mail": { component: TestMail, subject: "Test mail from Daybook" },
};
