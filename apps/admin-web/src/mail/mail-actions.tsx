import type { MailRow } from "@daybook/projections";
import { IconSend } from "@tabler/icons-react";
import type { Action } from "../actions/declaration.ts";
import { client } from "../api/client.ts";
import { send } from "../api/command.ts";
import { t } from "../texts/index.ts";
import { shown } from "../ui/Value.tsx";

export const nameOf = ({ template, to }: MailRow) => `${t.mail.templates[template]} · ${shown(to)}`;

/** What can be done about mails. */
export const mailActions: readonly Action<MailRow>[] = [
  {
    ...{ name: "send-again", permission: "people:write", ...t.mail.actions.sendAgain },
    icon: <IconSend size={16} stroke={1.6} aria-hidden />,
    obstacle: ({ status, expiresAt }) => {
      if (status === "waiting" || status === "sending") return t.mail.actions.underWay;
      return expiresAt && Date.parse(expiresAt) <= Date.now() ? t.mail.actions.expired : undefined;
    },
    run: ({ id }, reason) => send(client.mail.sendAgain.mutate, { id, data: {}, reason }),
  },
];
