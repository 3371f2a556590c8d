import type { MailRow } from "@daybook/projections";
import { Alert, Button, Loader } from "@mantine/core";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { client, trpc } from "../api/client.ts";
import { run } from "../api/command.ts";
import { sentence } from "../api/refusals.ts";
import { t } from "../texts/index.ts";
import { Moment } from "../ui/Moment.tsx";
import { shown } from "../ui/Value.tsx";

/** What was tried: the mail that was asked for, or why it could not be asked for. */
export type Tried = { id: string } | { error: unknown };

/** Mails whoever asks, to see whether mail is sent. */
export function TestMailButton({ onTried }: { onTried: (tried: Tried) => void }) {
  const [sending, setSending] = useState(false);
  const send = async () => {
    setSending(true);
    await run(client.mail.test.mutate, { data: {} }).then(onTried, (error) => onTried({ error }));
    setSending(false);
  };
  return (
    <Button variant="default" loading={sending} onClick={send}>
      {t.mail.test.button}
    </Button>
  );
}

const looks = {
  going: { color: "blue", icon: <Loader size={18} /> },
  sent: { color: "green", icon: <IconCheck size={18} aria-hidden /> },
  failed: { color: "red", icon: <IconAlertTriangle size={18} aria-hidden /> },
} as const;

/** How it looks and reads, as far as it is known. */
function outcome(mail: MailRow | undefined): [keyof typeof looks, ReactNode] {
  if (mail?.status === "sent") return ["sent", t.mail.test.sent(shown(mail.to))];
  if (!mail?.error) return ["going", t.mail.test.going];
  const reason = t.mail.test.failed(shown(mail.error));
  if (mail.status === "failed") return ["failed", reason];
  return [
    "failed",
    <span key="later">
      {reason} {t.mail.test.next} <Moment at={mail.nextAt} />.
    </span>,
  ];
}

type OutcomeProps = { tried: Tried | undefined; onClose: () => void };

/** What has become of a test mail, in words that are read out whenever they change. */
export function TestMailOutcome({ tried, onClose }: OutcomeProps) {
  const id = tried && "id" in tried ? tried.id : "";
  const query = useQuery(trpc.mail.get.queryOptions({ id }, { enabled: id !== "" }));
  const error = tried && "error" in tried ? tried.error : query.error;
  const [look, words] = error ? (["failed", sentence(error)] as const) : outcome(query.data?.mail);
  return (
    <div role="status">
      {tried && (
        <Alert
          {...looks[look]}
          role="group"
          mb="md"
          withCloseButton
          closeButtonLabel={t.close}
          onClose={onClose}
        >
          {words}
        </Alert>
      )}
    </div>
  );
}
