import { Button, CopyButton, Group, Modal, Paper, Stack, Text } from "@mantine/core";
import { IconCheck, IconCopy, IconDownload } from "@tabler/icons-react";
import { t } from "../texts/index.ts";
import { useDialog } from "./dialog.ts";

type Props = {
  /** Whose, and what. */
  secrets: readonly (readonly [name: string, secret: string])[];
  onClose: () => void;
};

/** Passwords that are shown this once, to be copied or kept. */
export function SecretOnce({ secrets, onClose }: Props) {
  useDialog();
  const text = secrets.map(([name, secret]) => `${name}\t${secret}\n`).join("");
  return (
    <Modal
      opened
      onClose={onClose}
      title={t.secret.title(secrets.length)}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t.close }}
    >
      <Stack gap="md">
        <Text size="sm">{t.secret.explanation}</Text>
        {secrets.map(([name, secret]) => (
          <Paper key={name} withBorder p="md">
            <Text size="sm" c="dimmed">
              {name}
            </Text>
            <Group justify="space-between" gap="xs">
              <span className="secret" data-testid="secret">
                {secret}
              </span>
              <Copy value={secret} />
            </Group>
          </Paper>
        ))}
        <Group justify="space-between">
          <Button
            component="a"
            href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
            download={t.secret.file}
            variant="subtle"
            size="xs"
            leftSection={<IconDownload size={14} aria-hidden />}
          >
            {t.secret.download}
          </Button>
          <Button onClick={onClose} data-autofocus>
            {t.secret.kept}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Copy({ value }: { value: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Button
          variant="default"
          size="xs"
          leftSection={
            copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />
          }
          onClick={copy}
        >
          {copied ? t.secret.copied : t.secret.copy}
        </Button>
      )}
    </CopyButton>
  );
}
