import { Button, CopyButton, Group, Modal, Paper, Stack, Text } from "@mantine/core";
import { IconCheck, IconCopy, IconDownload } from "@tabler/icons-react";

type Props = { title: string; secret: string; explanation: string; onClose: () => void };

/** A secret that is shown this once, to be copied or kept. */
export function SecretOnce({ title, secret, explanation, onClose }: Props) {
  const file = `data:text/plain;charset=utf-8,${encodeURIComponent(`${secret}\n`)}`;
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack gap="md">
        <Text size="sm">{explanation}</Text>
        <Paper withBorder p="md">
          <Group justify="space-between" gap="xs">
            <span className="secret" data-testid="secret">
              {secret}
            </span>
            <CopyButton value={secret}>
              {({ copied, copy }) => (
                <Button
                  variant="default"
                  size="xs"
                  leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
                  onClick={copy}
                >
                  {copied ? "Copied" : "Copy"}
                </Button>
              )}
            </CopyButton>
          </Group>
        </Paper>
        <Group justify="space-between">
          <Button
            component="a"
            href={file}
            download="temporary-password.txt"
            variant="subtle"
            size="xs"
            leftSection={<IconDownload size={14} />}
          >
            Download
          </Button>
          <Button onClick={onClose}>I have kept it</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
