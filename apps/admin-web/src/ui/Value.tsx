import { isErased } from "@daybook/domain";
import { Text } from "@mantine/core";
import { t } from "../texts/index.ts";

const words: Readonly<Record<string, string>> = t.values;

/** A value of a document: what is erased says so, what is missing is a dash. */
export const shown = (value: unknown): string => {
  if (isErased(value)) return t.erased;
  if (value === undefined || value === null || value === "") return "–";
  return words[String(value)] ?? String(value);
};

export function Value({ of }: { of: unknown }) {
  return isErased(of) ? (
    <Text span inherit c="dimmed" fs="italic">
      {t.erased}
    </Text>
  ) : (
    shown(of)
  );
}
