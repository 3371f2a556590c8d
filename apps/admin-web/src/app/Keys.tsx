import { Group, Kbd, Modal, Stack, Switch, Table, Text } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { t } from "../texts/index.ts";
import { useDialog } from "../ui/dialog.ts";
import { SINGLE_KEYS, useActiveShortcuts } from "./shortcuts.ts";

const isMac = navigator.userAgent.includes("Mac");

const named = (key: string) =>
  key === "$mod" ? (isMac ? "⌘" : "Ctrl") : key.length === 1 ? key.toUpperCase() : key;

/** Keys as they are pressed: at once, or one after the other. */
export function Pressed({ keys }: { keys: string }) {
  return (
    <Group gap={4} wrap="nowrap" component="span">
      {keys
        .split(/[ +]/)
        .filter(Boolean)
        .map((key, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: one key may be pressed twice.
          <Kbd key={at} size="xs">
            {named(key)}
          </Kbd>
        ))}
    </Group>
  );
}

/** What can be done by which keys, on the page that is open. */
export default function Keys({ onClose }: { onClose: () => void }) {
  useDialog();
  const [on, setOn] = useLocalStorage({ key: SINGLE_KEYS, defaultValue: true });
  const groups = [
    {
      label: t.shortcuts.here,
      keys: useActiveShortcuts().map(({ keys, label }) => [keys, label] as const),
    },
    { label: t.shortcuts.inLists, keys: t.shortcuts.list },
    { label: t.shortcuts.inForms, keys: t.shortcuts.form },
  ];
  return (
    <Modal
      opened
      onClose={onClose}
      title={t.shortcuts.help}
      size="lg"
      closeButtonProps={{ "aria-label": t.close }}
    >
      <Stack gap="lg">
        {groups.map(({ label, keys }) => (
          <Table key={label} verticalSpacing={6} captionSide="top">
            <Table.Caption ta="left" fw={600} mt={0}>
              {label}
            </Table.Caption>
            <Table.Tbody>
              {keys.map(([pressed, words]) => (
                <Table.Tr key={pressed}>
                  <Table.Td>{words}</Table.Td>
                  <Table.Td w={160}>
                    <Pressed keys={pressed} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        ))}
        <Switch
          checked={on}
          onChange={(event) => setOn(event.currentTarget.checked)}
          label={t.shortcuts.single}
          description={
            <Text span size="xs">
              {t.shortcuts.singleHelp}
            </Text>
          }
        />
      </Stack>
    </Modal>
  );
}
