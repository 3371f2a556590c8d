import { Text, Tooltip } from "@mantine/core";

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const exact = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });

function fromNow(at: Date): string {
  const seconds = (at.getTime() - Date.now()) / 1000;
  const unit = units.find(([, size]) => Math.abs(seconds) >= size);
  return unit ? relative.format(Math.round(seconds / unit[1]), unit[0]) : "just now";
}

/** A moment as people speak of it, with the exact time when pointed at or read out. */
export function Moment({ at }: { at: string }) {
  const date = new Date(at);
  return (
    <Tooltip label={exact.format(date)} openDelay={200}>
      <Text component="time" dateTime={at} inherit title={exact.format(date)}>
        {fromNow(date)}
      </Text>
    </Tooltip>
  );
}
