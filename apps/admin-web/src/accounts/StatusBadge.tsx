import { Badge } from "@mantine/core";
import { t } from "../texts/index.ts";

export function StatusBadge({ status }: { status: "active" | "inactive" }) {
  return (
    <Badge variant="dot" color={status === "active" ? "green" : "gray.5"} tt="none">
      {t.values[status]}
    </Badge>
  );
}
