import type { MailProps } from "../context.ts";
import { Action, Aside, Frame, Paragraph } from "../frame.tsx";

/** To a person who forgot their password, with the link to choose another. */
export function PasswordResetLink({ name, context }: MailProps<"password-reset-link">) {
  const { url, secret, expiresAt } = context;
  const until = expiresAt ? `, until ${expiresAt}` : "";
  return (
    <Frame
      title="Choose a new password"
      preview={
        secret
          ? "The link inside works once and for 24 hours."
          : "Ask for a link on the sign-in page."
      }
      context={context}
    >
      <Paragraph>{`Hello ${name},`}</Paragraph>
      <Paragraph>
        {secret
          ? `We were asked to reset your password. If it was you, follow the link to choose a new one. It works once and for 24 hours${until}.`
          : "We were asked to reset your password. If it was you, ask for a link on the sign-in page to choose a new one."}
      </Paragraph>
      <Action href={secret ?? url}>
        {secret ? "Choose a new password" : "Open the sign-in page"}
      </Action>
      <Aside>If it was not you, you can ignore this mail: your password stays as it is.</Aside>
    </Frame>
  );
}
