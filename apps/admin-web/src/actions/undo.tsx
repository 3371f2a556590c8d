import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { queryClient } from "../api/client.ts";
import { sentence } from "../api/refusals.ts";
import { t } from "../texts/index.ts";

/** As long as somebody may take to see that it was the wrong thing. */
const OFFERED_MS = 12_000;

let last: (() => void) | undefined;

/** Says what was done and offers to take it back, where it can be. */
export function tell(message: string, undo?: () => Promise<unknown>) {
  if (!undo) {
    notifications.show({ message });
    return;
  }
  const takeBack = async () => {
    last = undefined;
    notifications.hide(id);
    try {
      await undo();
      notifications.show({ message: t.undo.done });
    } catch (error) {
      notifications.show({ title: t.undo.failed, message: sentence(error), color: "red" });
    }
    await queryClient.invalidateQueries();
  };
  last = takeBack;
  const id = notifications.show({
    autoClose: OFFERED_MS,
    onClose: () => {
      if (last === takeBack) last = undefined;
    },
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button size="compact-sm" variant="default" onClick={takeBack}>
          {t.undo.button}
        </Button>
      </Group>
    ),
  });
}

/** Takes back what was done last, as long as it is offered. */
export const undoLast = () => last?.();
