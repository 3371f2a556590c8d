import { Progress, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconBan, IconCheck, IconClock } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { sentence } from "../api/refusals.ts";
import { t } from "../texts/index.ts";
import type { Result } from "./perform.ts";

const icon = { size: 16, "aria-hidden": true };

type Line = { name: string; mark: ReactNode; words: string };

function Lines({ label, lines }: { label: string; lines: readonly Line[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <ul className="outcomes" aria-label={label} tabIndex={0}>
      {lines.map(({ name, mark, words }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two may have the same name, and none moves.
        <li key={at}>
          {mark}
          <Text span size="sm">
            {name}
          </Text>
          <Text span size="sm" c="dimmed">
            {words}
          </Text>
        </li>
      ))}
    </ul>
  );
}

type PreviewProps<R> = {
  plan: readonly { row: R; obstacle: string | undefined }[];
  /** What will be done, in a word, and how it is drawn. */
  label: string;
  icon: ReactNode;
  nameOf: (row: R) => string;
};

/** What will happen to each, those first about whom it cannot be done. */
export function Preview<R>({ plan, label, icon: drawn, nameOf }: PreviewProps<R>) {
  if (plan.length === 1)
    return plan[0]?.obstacle ? <Text size="sm">{plan[0].obstacle}</Text> : null;
  const obstructed = plan.filter(({ obstacle }) => obstacle);
  return (
    <Stack gap="xs">
      {obstructed.length > 0 && (
        <Text size="sm" fw={600}>
          {t.actions.leftOut(obstructed.length)}
        </Text>
      )}
      <Lines
        label={t.actions.preview}
        lines={plan
          .toSorted((one, other) => Number(!one.obstacle) - Number(!other.obstacle))
          .map(({ row, obstacle }) => ({
            name: nameOf(row),
            mark: obstacle ? <IconBan {...icon} color="var(--mantine-color-dimmed)" /> : drawn,
            words: obstacle ?? label,
          }))}
      />
    </Stack>
  );
}

const marks = {
  waiting: <IconClock {...icon} color="var(--mantine-color-dimmed)" />,
  running: <IconClock {...icon} />,
  done: <IconCheck {...icon} color="var(--mantine-color-green-6)" />,
  failed: <IconAlertTriangle {...icon} color="var(--mantine-color-error)" />,
};

/** What has become of each so far. */
export function Results<R>({
  results,
  nameOf,
}: {
  results: readonly Result<R>[];
  nameOf: (row: R) => string;
}) {
  const over = results.filter(({ state }) => state === "done" || state === "failed").length;
  return (
    <Stack gap="xs">
      <Progress value={(100 * over) / results.length} aria-label={t.actions.progress} size="sm" />
      <Text size="sm" role="status">
        {t.actions.progressOf(over, results.length)}
      </Text>
      <Lines
        label={t.actions.results}
        lines={results.map((result) => ({
          name: nameOf(result.row),
          mark: marks[result.state],
          words:
            result.state === "failed" ? sentence(result.error) : t.actions.states[result.state],
        }))}
      />
    </Stack>
  );
}
