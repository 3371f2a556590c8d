import { isErased } from "@daybook/domain";
import { Text } from "@mantine/core";
import { valueTexts } from "../texts.ts";

/** A value of a document: what is erased says so, what is missing is a dash. */
export const shown = (value: unknown): string => {
  if (isErased(value)) return "erased";
  if (value === undefined || value === null || value === "") return "–";
  return valueTexts[String(value)] ?? String(value);
};

export function Value({ of }: { of: unknown }) {
  return isErased(of) ? (
    <Text span inherit c="dimmed" fs="italic">
      erased
    </Text>
  ) : (
    shown(of)
  );
}
