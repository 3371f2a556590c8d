import "@mantine/charts/styles.css";
import { BarChart as Chart } from "@mantine/charts";
import { useReducedMotion } from "@mantine/hooks";
import { number } from "../texts/format.ts";

type Props = {
  label: string;
  /** In pixels, so that nothing jumps when it is there. */
  height: number;
  rows: readonly ({ when: string } & Record<string, string | number>)[];
  /** At most six, in colours that differ also in brightness. */
  series: readonly { name: string; label: string; color: string }[];
};

/** Stacked bars over time, from zero, with the values at each when pointed at. */
export default function BarChart({ label, height, rows, series }: Props) {
  const still = useReducedMotion();
  return (
    <figure aria-label={label} className="chart">
      <Chart
        h={height}
        data={rows.map((row) => ({ ...row }))}
        dataKey="when"
        type="stacked"
        series={series.map((one) => ({ ...one }))}
        withLegend
        valueFormatter={(value) => number.format(value)}
        yAxisProps={{ allowDecimals: false, width: 32 }}
        tooltipAnimationDuration={0}
        barProps={{ isAnimationActive: !still, animationDuration: 150, maxBarSize: 28 }}
        gridAxis="x"
        xAxisProps={{ interval: "equidistantPreserveStart" }}
        legendProps={{ itemSorter: null }}
        tickLine="none"
      />
    </figure>
  );
}
