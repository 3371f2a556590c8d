import { Badge } from "@mantine/core";
import { valueTexts } from "../texts.ts";

export function StatusBadge({ status }: { status: "active" | "inactive" }) {
  return (
    <Badge variant="light" color={status === "active" ? "green" : "gray"} tt="none" radius="sm">
      {valueTexts[status]}
    </Badge>
  );
}
