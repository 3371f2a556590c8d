import type { MailProps } from "../context.ts";
import { Action, Aside, Facts, Frame, Paragraph } from "../frame.tsx";

/** To a person who now has an account, with the temporary password if one was generated. */
export function AccountCreated({ name, username, email, context }: MailProps<"account-created">) {
  const { url, secret, expiresAt } = context;
  const facts = { Username: username, "E-mail address": email };
  return (
    <Frame
      title="Your account is ready"
      preview={
        secret
          ? "Sign in with the temporary password inside, then choose your own."
          : "Sign in with the password you were given."
      }
      context={context}
    >
      <Paragraph>{`Hello ${name},`}</Paragraph>
      <Paragraph>
        {secret
          ? "An account was created for you. Sign in with your username or e-mail address and the temporary password below. You will then be asked to choose a password of your own."
          : "An account was created for you. Sign in with your username or e-mail address and the password you were given."}
      </Paragraph>
      <Facts facts={{ ...facts, ...(secret && { "Temporary password": secret }) }} />
      {secret && expiresAt && (
        <Paragraph>
          {`The temporary password ends on ${expiresAt}. After that, ask your administrator for another.`}
        </Paragraph>
      )}
      <Action href={url}>Sign in</Action>
      <Aside>If you did not expect an account, please tell your administrator.</Aside>
    </Frame>
  );
}
