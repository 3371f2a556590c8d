import { Drawer, Stack, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { trpc } from "../api/client.ts";
import { mailTexts } from "../texts.ts";
import { Facts } from "../ui/Facts.tsx";
import { Moment } from "../ui/Moment.tsx";
import { ErrorState, Lines } from "../ui/States.tsx";
import { shown, Value } from "../ui/Value.tsx";

/** One mail: what became of it and, where it was kept, what it says. */
export function MailPanel({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size="xl"
      title="Mail"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {id && <MailContent id={id} />}
    </Drawer>
  );
}

function MailContent({ id }: { id: string }) {
  const query = useQuery(trpc.mail.get.queryOptions({ id }));
  if (query.isPending) return <Lines count={8} />;
  if (query.isError) return <ErrorState error={query.error} retry={query.refetch} />;
  const { mail, message } = query.data;
  return (
    <Stack gap="md">
      <Facts
        of={[
          ["Kind", mailTexts[mail.template] ?? mail.template],
          ["To", <Value key="to" of={mail.to} />],
          ["Subject", message?.subject ?? "–"],
          ["Status", mailTexts[mail.status] ?? mail.status],
          ["Attempts", mail.attempts],
          ["Requested", <Moment key="requested" at={mail.requestedAt} />],
          ...(mail.error ? [["Error", shown(mail.error)] as const] : []),
        ]}
      />
      {!message && (
        <Text size="sm" c="dimmed">
          What it says is not kept here: mail is sent by SMTP, or has not been sent yet.
        </Text>
      )}
      {message?.masked && (
        <Text size="sm" c="dimmed">
          Passwords and links are masked, because others can reach this server.
        </Text>
      )}
      {message && (
        <Tabs defaultValue="html" keepMounted={false}>
          <Tabs.List mb="sm">
            <Tabs.Tab value="html">As it looks</Tabs.Tab>
            <Tabs.Tab value="text">Plain text</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="html">
            {/* No scripts, no forms, no way out of the frame. */}
            <iframe
              className="mail-frame"
              title={message.subject}
              sandbox=""
              srcDoc={message.html}
            />
          </Tabs.Panel>
          <Tabs.Panel value="text">
            <Text component="pre" size="sm" style={{ whiteSpace: "pre-wrap" }}>
              {message.text}
            </Text>
          </Tabs.Panel>
        </Tabs>
      )}
    </Stack>
  );
}
