import type { MailProps } from "../context.ts";
import { Action, Aside, Facts, Frame, Paragraph } from "../frame.tsx";

/** To a person whose password an administrator reset, with the temporary one. */
export function PasswordReset({ name, username, context }: MailProps<"password-reset">) {
  const { url, secret, expiresAt } = context;
  return (
    <Frame
      title="Your password was reset"
      preview={
        secret
          ? "An administrator reset it. Sign in with the temporary password inside."
          : "An administrator reset it. Ask them for the new one."
      }
      context={context}
    >
      <Paragraph>{`Hello ${name},`}</Paragraph>
      <Paragraph>
        {secret
          ? "An administrator reset your password. The old one no longer works, and you were signed out everywhere. Sign in with the temporary password below. It must be changed at your next sign-in."
          : "An administrator reset your password. The old one no longer works, and you were signed out everywhere. Ask your administrator for the new one. It must be changed at your next sign-in."}
      </Paragraph>
      <Facts facts={{ Username: username, ...(secret && { "Temporary password": secret }) }} />
      {secret && expiresAt && (
        <Paragraph>
          {`The temporary password ends on ${expiresAt}. After that, ask your administrator for another.`}
        </Paragraph>
      )}
      <Action href={url}>Sign in</Action>
      <Aside>If you do not know why your password was reset, please ask your administrator.</Aside>
    </Frame>
  );
}
