import { Button, Drawer, Group, Modal, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { t } from "../texts/index.ts";
import { isCovered, useDialog } from "../ui/dialog.ts";

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
  // By the way back, by a link, by closing the window: all of them ask first.
  const leaving = useBlocker({
    shouldBlockFn: () => opened && dirty,
    enableBeforeUnload: () => opened && dirty,
    withResolver: true,
  });
  const keep = () => {
    setAsking(false);
    leaving.reset?.();
  };
  const close = () => {
    setDirty(false);
    setAsking(false);
    onClose();
  };
  const discard = () => {
    setDirty(false);
    setAsking(false);
    if (leaving.status === "blocked") leaving.proceed();
    else onClose();
  };
  return (
    <>
      <Drawer
        opened={opened}
        onClose={() => isCovered() || (dirty ? setAsking(true) : close())}
        title={title}
        position="right"
        size="md"
        closeButtonProps={{ "aria-label": t.close }}
      >
        {opened && children({ close, onDirty: setDirty })}
      </Drawer>
      {(asking || leaving.status === "blocked") && <Discarding onKeep={keep} onDiscard={discard} />}
    </>
  );
}

type DiscardingProps = { onKeep: () => void; onDiscard: () => void };

/** Made when it is asked for: had it listened before, the Escape that asks would also answer. */
function Discarding({ onKeep, onDiscard }: DiscardingProps) {
  useDialog();
  return (
    <Modal
      opened
      onClose={onKeep}
      title={t.form.discardTitle}
      closeButtonProps={{ "aria-label": t.close }}
    >
      <Text size="sm" mb="md">
        {t.form.discardHelp}
      </Text>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onKeep} data-autofocus>
          {t.form.keep}
        </Button>
        <Button color="red" onClick={onDiscard}>
          {t.form.discard}
        </Button>
      </Group>
    </Modal>
  );
}
