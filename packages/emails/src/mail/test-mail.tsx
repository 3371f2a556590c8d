import type { MailProps } from "../context.ts";
import { Frame, Paragraph } from "../frame.tsx";

/** To whoever wants to know whether mail from this installation arrives. */
export const TestMail = ({ name, at, context }: MailProps<"test-mail">) => (
  <Frame
    title="This is a test mail"
    preview="Mail from this installation arrives. There is nothing to do."
    context={context}
  >
    <Paragraph>{`Hello ${name},`}</Paragraph>
    <Paragraph>
      {`On ${at} it was tried whether mail from this installation arrives. It does, and there is nothing to do.`}
    </Paragraph>
  </Frame>
);
