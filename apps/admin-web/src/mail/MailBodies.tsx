import "./mail.css";
import { Tabs, Text } from "@mantine/core";
import { t } from "../texts/index.ts";

type Props = { subject: string; html: string; text: string };

/** A mail as it looks and as plain text; whatever it holds cannot run, submit or leave its frame. */
export function MailBodies({ subject, html, text }: Props) {
  return (
    <Tabs defaultValue="html" keepMounted={false}>
      <Tabs.List mb="sm">
        <Tabs.Tab value="html">{t.mail.html}</Tabs.Tab>
        <Tabs.Tab value="text">{t.mail.text}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="html">
        <iframe className="mail-frame" title={subject} sandbox="" srcDoc={html} />
      </Tabs.Panel>
      <Tabs.Panel value="text">
        <Text component="pre" size="sm" className="mail-text">
          {text}
        </Text>
      </Tabs.Panel>
    </Tabs>
  );
}
