import { Button, Drawer, Group, Modal, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";

type Props = {
  title: string;
  opened: boolean;
  onClose: () => void;
  children: (panel: { close: () => void; onDirty: (dirty: boolean) => void }) => ReactNode;
};

/** The side panel a form opens in. What was entered and not saved is not thrown away unasked. */
export function Panel({ title, opened, onClose, children }: Props) {
  const [dirty, setDirty] = useState(false);
  const [asking, setAsking] = useState(false);
  const close = () => {
    setDirty(false);
    setAsking(false);
    onClose();
  };
  return (
    <>
      <Drawer
        opened={opened}
        onClose={() => (dirty ? setAsking(true) : close())}
        title={title}
        position="right"
        size="md"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {opened && children({ close, onDirty: setDirty })}
      </Drawer>
      <Modal opened={asking} onClose={() => setAsking(false)} title="Discard what you entered?">
        <Text size="sm" mb="md">
          It has not been saved.
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => setAsking(false)}>
            Keep editing
          </Button>
          <Button color="red" onClick={close}>
            Discard
          </Button>
        </Group>
      </Modal>
    </>
  );
}
