import type { MailProps } from "../context.ts";
import { Action, Frame, Paragraph } from "../frame.tsx";

/** To a person whose password was changed: whoever did it, they learn of it. */
export const PasswordChanged = ({ name, at, context }: MailProps<"password-changed">) => (
  <Frame
    title="Your password was changed"
    preview="If it was you, there is nothing to do. If it was not, act now."
    context={context}
  >
    <Paragraph>{`Hello ${name},`}</Paragraph>
    <Paragraph>
      {`Your password was changed on ${at}. If it was you, there is nothing to do.`}
    </Paragraph>
    <Paragraph>
      <strong>If it was not you,</strong> somebody else can use your account. Reset your password on
      the sign-in page now, which signs them out, and tell your administrator.
    </Paragraph>
    <Action href={context.url}>Open the sign-in page</Action>
  </Frame>
);
