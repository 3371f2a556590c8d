import { t } from "../texts/index.ts";

const texts: Readonly<Record<string, string>> = t.refusals;

type RefusalData = {
  refusal?: { code: string; details: Record<string, unknown> };
  issues?: { path: string; message: string }[];
};

const dataOf = (error: unknown): RefusalData | undefined =>
  (error as { data?: RefusalData } | null)?.data;

export const refusalCode = (error: unknown): string | undefined => dataOf(error)?.refusal?.code;

export const isSignedOut = (error: unknown): boolean => refusalCode(error) === "session/required";

/** What happened and what to do, for a person. */
export function sentence(error: unknown): string {
  const code = refusalCode(error);
  if (code) return texts[code] ?? t.refusals["server/failed"];
  return dataOf(error) ? t.unanswered.failed : t.unanswered.away;
}

/** The errors that belong to fields of a form, by field. */
export function fieldErrors(error: unknown): Record<string, string> {
  const data = dataOf(error);
  const field = data?.refusal?.details.field;
  if (typeof field === "string") return { [field]: sentence(error) };
  const issues = data?.issues ?? [];
  return Object.fromEntries(
    issues.map(({ path, message }) => [path.replace(/^data\./, ""), message]),
  );
}
