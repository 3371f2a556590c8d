import { Title } from "@mantine/core";
import { t } from "../texts/index.ts";
import { useKinds } from "./kinds-state.ts";
import { Timeline } from "./Timeline.tsx";

/** Everything that happened to somebody, beside who they are. */
export function History({ subject }: { subject: string }) {
  const [kinds, setKinds] = useKinds();
  return (
    <section aria-labelledby="history">
      <Title order={2} mb="md" id="history">
        {t.history.title}
      </Title>
      <Timeline subject={subject} kinds={kinds} onKinds={setKinds} />
    </section>
  );
}
