import type { ReadReq } from "@eventstore/db-client/generated/streams_pb.js";
import type { LogEvent } from "./log.ts";

/** As the original's: how many events are looked at in one step of a filtered read. */
const WINDOW = 32;

export type Filter = {
  /** Whether there is one: without it no positions are told besides the events. */
  given: boolean;
  matches: (event: LogEvent) => boolean;
  window: number;
  /** How many windows there are between two positions that are told. */
  interval: number;
};

/** A filter by stream or by type, with prefixes or a regular expression. */
export function filterOf(options: ReadReq.Options.FilterOptions | undefined): Filter {
  if (!options) return { given: false, matches: () => true, window: WINDOW, interval: 1 };
  const byStream = options.getStreamIdentifier();
  const expression = byStream ?? options.getEventType();
  const prefixes = expression?.getPrefixList() ?? [];
  const regex = expression?.getRegex() ? new RegExp(expression.getRegex()) : undefined;
  return {
    given: true,
    matches: (event) => {
      const text = byStream ? event.stream : event.type;
      return regex ? regex.test(text) : prefixes.some((prefix) => text.startsWith(prefix));
    },
    window: options.getMax() || WINDOW,
    interval: options.getCheckpointintervalmultiplier() || 1,
  };
}
