import type { HistoryKind } from "@daybook/projections";
import { Anchor, Drawer, Stack } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { t } from "../texts/index.ts";
import { isCovered } from "../ui/dialog.ts";
import { Timeline } from "./Timeline.tsx";

/** What happens now, beside whatever page is open. */
export default function LiveFeed({ onClose }: { onClose: () => void }) {
  const [kinds, setKinds] = useState<HistoryKind[]>([]);
  return (
    <Drawer
      opened
      onClose={() => isCovered() || onClose()}
      position="right"
      size="md"
      title={t.live.title}
      // The page behind stays in use: this is looked at on the side.
      withOverlay={false}
      lockScroll={false}
      trapFocus={false}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t.close }}
    >
      <Stack gap="md">
        <Timeline kinds={kinds} onKinds={setKinds} />
        <Anchor size="sm" renderRoot={(props) => <Link to="/history" {...props} />}>
          {t.live.all}
        </Anchor>
      </Stack>
    </Drawer>
  );
}
