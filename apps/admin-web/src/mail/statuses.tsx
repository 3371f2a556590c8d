import type { MailRow } from "@daybook/projections";
import { Badge } from "@mantine/core";
import { t } from "../texts/index.ts";

const colors = { waiting: "yellow", sending: "blue", sent: "green", failed: "red" } as const;

export const MailStatus = ({ status }: Pick<MailRow, "status">) => (
  <Badge variant="dot" color={colors[status]} tt="none">
    {t.mail.statuses[status]}
  </Badge>
);
