import { Stack } from "@mantine/core";
import { t } from "../texts/index.ts";
import { PageHeader } from "../ui/PageHeader.tsx";
import { useKinds } from "./kinds-state.ts";
import { Timeline } from "./Timeline.tsx";

/** Everything that happened in the organization. */
export function HistoryPage() {
  const [kinds, setKinds] = useKinds();
  return (
    <Stack gap="md" maw={820}>
      <PageHeader title={t.history.title} />
      <Timeline kinds={kinds} onKinds={setKinds} />
    </Stack>
  );
}
