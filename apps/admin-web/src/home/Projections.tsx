import { Badge, Table } from "@mantine/core";
import { number } from "../texts/format.ts";
import { t } from "../texts/index.ts";

type Props = {
  projections: readonly { name: string; behind: number; state: string; parked: number }[];
};

const states: Readonly<Record<string, string>> = t.home.states;

/** How far the read models are, those first that need looking at. */
export function Projections({ projections }: Props) {
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
                <Badge variant="dot" tt="none" color={one.state === "live" ? "green" : "red"}>
                  {states[one.state] ?? one.state}
                </Badge>
              </Table.Td>
              <Table.Td ta="right">{number.format(one.behind)}</Table.Td>
              <Table.Td ta="right">{number.format(one.parked)}</Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}
