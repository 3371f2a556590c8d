import type { MailRow } from "@daybook/projections";
import { Alert, Button, Loader } from "@mantine/core";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { client, trpc } from "../api/client.ts";
import { useCommand } from "../api/command.ts";
import { sentence } from "../api/refusals.ts";
import { Moment } from "../ui/Moment.tsx";
import { shown } from "../ui/Value.tsx";

/** What was tried: the mail that was asked for, or why it could not be asked for. */
export type Tried = { id: string } | { error: unknown };

/** Mails whoever asks, to see whether mail is sent. */
export function TestMailButton({ onTried }: { onTried: (tried: Tried) => void }) {
  const test = useCommand(client.mail.test.mutate);
  const send = () => test.run({ data: {} }).then(onTried, (error) => onTried({ error }));
  return (
    <Button variant="default" loading={test.isPending} onClick={send}>
      Send me a test mail
    </Button>
  );
}

const looks = {
  going: { color: "blue", icon: <Loader size={18} /> },
  sent: { color: "green", icon: <IconCheck size={18} /> },
  failed: { color: "red", icon: <IconAlertTriangle size={18} /> },
} as const;

/** How it looks and reads, as far as it is known. */
function outcome(mail: MailRow | undefined): [keyof typeof looks, ReactNode] {
  if (mail?.status === "sent")
    return ["sent", `The test mail was accepted for ${shown(mail.to)}. Look whether it arrives.`];
  if (!mail?.error) return ["going", "The test mail is being sent …"];
  const reason = `The test mail was not accepted: ${shown(mail.error)}`;
  if (mail.status === "failed") return ["failed", reason];
  return [
    "failed",
    <span key="later">
      {reason} – the next attempt is <Moment at={mail.nextAt} />.
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
          closeButtonLabel="Close"
          onClose={onClose}
        >
          {words}
        </Alert>
      )}
    </div>
  );
}
