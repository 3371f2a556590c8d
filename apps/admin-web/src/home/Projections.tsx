import { Button, Group, Table } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { number } from "../texts/format.ts";
import { t } from "../texts/index.ts";
import { Status } from "../ui/Status.tsx";

type Props = {
  projections: readonly {
    name: string;
    behind: number;
    state: keyof typeof tones;
    parked: number;
  }[];
};

const tones = { live: "good", "catching-up": "waiting", stopped: "bad" } as const;

/** How far the read models are, those first that need looking at. */
export function Projections({ projections }: Props) {
  const [each, { toggle }] = useDisclosure(false);
  const isCalm = projections.every((one) => one.state === "live" && one.parked === 0);
  return (
    <>
      {isCalm && (
        <Group justify="space-between">
          <Status tone="good" label={t.home.allLive(projections.length)} />
          <Button variant="subtle" size="compact-xs" onClick={toggle} aria-expanded={each}>
            {each ? t.home.hideProjections : t.home.showProjections}
          </Button>
        </Group>
      )}
      {(each || !isCalm) && <Each projections={projections} />}
    </>
  );
}

function Each({ projections }: Props) {
  const urgency = ({ state, parked, behind }: Props["projections"][number]) =>
    (state === "stopped" ? 4 : 0) + (parked > 0 ? 2 : 0) + (behind > 0 ? 1 : 0);
  return (
    <Table verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t.home.projection}</Table.Th>
          <Table.Th>{t.home.state}</Table.Th>
          <Table.Th ta="right">{t.home.behind}</Table.Th>
          <Table.Th ta="right">{t.home.parked}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {projections
          .toSorted((one, other) => urgency(other) - urgency(one))
          .map((one) => (
            <Table.Tr key={one.name}>
              <Table.Td>{one.name}</Table.Td>
              <Table.Td>
                <Status tone={tones[one.state]} label={t.home.states[one.state]} />
              </Table.Td>
              <Table.Td ta="right">{number.format(one.behind)}</Table.Td>
              <Table.Td ta="right">{number.format(one.parked)}</Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}
