import { Alert, Button, Center, Skeleton, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { sentence } from "../api/refusals.ts";
import { t } from "../texts/index.ts";

/** What went wrong, and a way out. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <Alert color="red" icon={<IconAlertTriangle size={18} aria-hidden />} role="alert">
      <Stack gap="xs" align="start">
        <Text size="sm">{sentence(error)}</Text>
        {retry && (
          <Button variant="default" size="xs" onClick={retry}>
            {t.tryAgain}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Nothing to show, and what to do about it. */
export function EmptyState({ title, action }: { title: string; action?: ReactNode }) {
  return (
    <Center py={48} px="md">
      <Stack align="center" gap="sm">
        <Text c="dimmed" ta="center">
          {title}
        </Text>
        {action}
      </Stack>
    </Center>
  );
}

/** Lines of the height of what is coming, so that nothing jumps when it is there. */
export function Lines({ count, height = 20 }: { count: number; height?: number }) {
  return (
    <Stack gap="sm" role="status" aria-label={t.loading}>
      {Array.from({ length: count }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are alike and never move.
        <Skeleton key={line} height={height} />
      ))}
    </Stack>
  );
}
