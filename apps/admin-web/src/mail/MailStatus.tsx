import type { MailRow } from "@daybook/projections";
import { t } from "../texts/index.ts";
import { Status } from "../ui/Status.tsx";

const tones = { waiting: "waiting", sending: "busy", sent: "good", failed: "bad" } as const;

export const MailStatus = ({ status }: Pick<MailRow, "status">) => (
  <Status label={t.mail.statuses[status]} tone={tones[status]} />
);
