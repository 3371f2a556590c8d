import { Alert, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { sentence } from "../api/refusals.ts";

type Props = {
  title: string;
  /** What will happen, in a sentence or two. */
  consequence: string;
  confirm: string;
  danger?: boolean;
  /** Asks for a reason, which is recorded in the history. */
  withReason?: boolean;
  onConfirm: (reason: string | undefined) => Promise<unknown>;
  onClose: () => void;
};

/** Asks before something that others will notice, and says what they will notice. */
export function Confirm(props: Props) {
  const { title, consequence, confirm, danger, withReason, onConfirm, onClose } = props;
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>();
  const [sending, setSending] = useState(false);
  const send = async () => {
    setSending(true);
    try {
      await onConfirm(reason.trim() || undefined);
    } catch (failure) {
      setError(failure);
    } finally {
      setSending(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Stack gap="md">
          <Text size="sm">{consequence}</Text>
          {error !== undefined && (
            <Alert color="red" role="alert">
              {sentence(error)}
            </Alert>
          )}
          {withReason && (
            <TextInput
              label="Reason"
              description="Recorded in the history"
              value={reason}
              maxLength={500}
              onChange={(event) => setReason(event.currentTarget.value)}
              data-autofocus
            />
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" {...(danger && { color: "red" })} loading={sending}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
