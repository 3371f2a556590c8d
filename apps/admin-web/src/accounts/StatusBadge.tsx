import { Badge } from "@mantine/core";
import { valueTexts } from "../texts.ts";

export function StatusBadge({ status }: { status: "active" | "inactive" }) {
  return (
    <Badge variant="dot" color={status === "active" ? "green" : "gray.5"} tt="none">
      {valueTexts[status]}
    </Badge>
  );
}
