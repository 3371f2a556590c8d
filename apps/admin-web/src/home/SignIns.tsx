import { Button, Table } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { lazy, Suspense } from "react";
import { hour, number, shortDay } from "../texts/format.ts";
import { t } from "../texts/index.ts";
import { Lines } from "../ui/States.tsx";

const HEIGHT = 220;
/** What is drawn, and the button below it, in pixels. */
export const SIGN_INS_HEIGHT = HEIGHT + 32;

// The charts are larger than the rest of the app: they come when there is something to draw.
const BarChart = lazy(() => import("../ui/BarChart.tsx"));

export type Hour = { at: string; succeeded: number; failed: number; refused: number };

const series = [
  { name: "succeeded", label: t.home.succeeded, color: "accent.6" },
  { name: "failed", label: t.home.failed, color: "orange.8" },
  { name: "refused", label: t.home.refused, color: "grape.6" },
] as const;

/** Sign-ins by hour, or by day where there are many: drawn, and as a table. */
export function SignIns({ hours, isWeek }: { hours: readonly Hour[]; isWeek: boolean }) {
  const [asTable, { toggle }] = useDisclosure(false);
  const rows = isWeek
    ? byDay(hours)
    : hours.map((one) => ({ ...one, when: hour.format(new Date(one.at)) }));
  return (
    <>
      {asTable ? (
        <Figures rows={rows} />
      ) : (
        <Suspense fallback={<Lines count={1} height={HEIGHT} />}>
          <BarChart label={t.home.signIns} height={HEIGHT} rows={rows} series={series} />
        </Suspense>
      )}
      <Button variant="subtle" size="compact-xs" onClick={toggle} mt="xs">
        {asTable ? t.chart.asChart : t.chart.asTable}
      </Button>
    </>
  );
}

type Row = Omit<Hour, "at"> & { when: string };

/** By the days of where the person is. */
function byDay(hours: readonly Hour[]): Row[] {
  const days = new Map<string, Row>();
  for (const { at, succeeded, failed, refused } of hours) {
    const when = shortDay.format(new Date(at));
    const so = days.get(when) ?? { when, succeeded: 0, failed: 0, refused: 0 };
    days.set(when, {
      when,
      succeeded: so.succeeded + succeeded,
      failed: so.failed + failed,
      refused: so.refused + refused,
    });
  }
  return [...days.values()];
}

const Figures = ({ rows }: { rows: readonly Row[] }) => (
  <Table verticalSpacing={4}>
    <Table.Thead>
      <Table.Tr>
        <Table.Th>{t.home.when}</Table.Th>
        {series.map(({ name, label }) => (
          <Table.Th key={name} ta="right">
            {label}
          </Table.Th>
        ))}
      </Table.Tr>
    </Table.Thead>
    <Table.Tbody>
      {rows.map((row) => (
        <Table.Tr key={row.when}>
          <Table.Td>{row.when}</Table.Td>
          {series.map(({ name }) => (
            <Table.Td key={name} ta="right">
              {number.format(row[name])}
            </Table.Td>
          ))}
        </Table.Tr>
      ))}
    </Table.Tbody>
  </Table>
);
