import { openStores, type StoreSettings, type Stores } from "@daybook/adapters";
import { personNamed } from "@daybook/application";
import { catalogue, signInName } from "@daybook/domain";
import { validate } from "uuid";
import { UsageError } from "./failure.ts";
import type { Filter } from "./filter.ts";
import { followLog, readHistory } from "./history.ts";
import { requireInstallation } from "./installation.ts";
import type { Output } from "./output.ts";
import { openPeople } from "./people.ts";
import { eventTable, jsonLines } from "./printers.ts";
import { parseInstant } from "./time.ts";

/** The options of `daybook events`, as they were given. */
export type EventsOptions = {
  stream?: string;
  type?: string;
  actor?: string;
  subject?: string;
  since?: string;
  until?: string;
  limit: string;
  follow?: boolean;
  format: "table" | "jsonl";
};

export type EventsParts = {
  config: StoreSettings;
  now: () => Date;
  output: Output;
  /** Says a line beside the output. */
  note: (line: string) => void;
  /** From the first call on, the operator's Ctrl-C aborts the signal instead of the process. */
  interruption: () => AbortSignal;
};

/** Held in memory at once, about 1 kB each. */
const LIMIT_MAX = 100_000;

/** Shows the log. Throws UsageError or ConfigError. */
export async function showEvents(options: EventsOptions, parts: EventsParts): Promise<void> {
  const { config, now, output, note, interruption } = parts;
  const follow = options.follow ?? false;
  const limit = parseLimit(options.limit);
  const given = parseFilter(options, now());
  requireInstallation(config);
  const signal = follow ? interruption() : undefined;
  const stores = await openStores(config);
  for (const notice of stores.notices) note(notice);
  try {
    for (const type of given.types ?? [])
      if (!catalogue.has(type)) note(`this version of Daybook records no events of type ${type}`);
    const filter = { ...given, ...(await findPeople(options, stores)) };
    const lasting = follow || limit === Number.POSITIVE_INFINITY;
    const print =
      options.format === "jsonl"
        ? jsonLines
        : eventTable(openPeople(stores.events), output.room, lasting);

    const head = await stores.events.head();
    let found = 0;
    for await (const events of readHistory(stores.events, filter, head, limit)) {
      found += events.length;
      await output.write(await print(events));
      if (signal?.aborted) return;
    }
    if (found === 0 && options.format === "table") {
      if (!follow) note("no events match");
      else await output.write(await print([]));
    }
    if (signal)
      for await (const events of followLog(stores.events, filter, head, signal))
        await output.write(await print(events));
  } finally {
    await stores.close();
  }
}

function parseLimit(text: string): number {
  if (text === "all") return Number.POSITIVE_INFINITY;
  if (!/^\d{1,6}$/.test(text) || Number(text) > LIMIT_MAX)
    throw new UsageError(`--limit: give a number up to ${LIMIT_MAX}, or all`);
  return Number(text);
}

/** What the options say by themselves, without asking the stores. */
function parseFilter({ stream, type, since, until }: EventsOptions, now: Date): Filter {
  const filter: Filter = {
    ...(stream !== undefined && parseStreams(stream)),
    types: type === undefined ? undefined : parseTypes(type),
    since: since === undefined ? undefined : parseInstant("--since", since, now),
    until: until === undefined ? undefined : parseInstant("--until", until, now),
  };
  if (filter.since !== undefined && filter.until !== undefined && filter.since >= filter.until)
    throw new UsageError("--since: it must be earlier than --until");
  return filter;
}

function parseStreams(given: string): Filter {
  if (!/^[^-]+-/.test(given))
    throw new UsageError("--stream: give a stream such as user-0190…, or a category such as user-");
  // As the table cuts it; more than the first and the last part cannot be told.
  const [start = "", ...rest] = given.split("…");
  const end = rest.at(-1);
  if (end !== undefined) return { streams: { start, end } };
  return given.endsWith("-") ? { streams: { start, end: "" } } : { stream: given };
}

function parseTypes(given: string): string[] {
  const types = given.split(",").map((one) => one.trim());
  if (types.includes(""))
    throw new UsageError("--type: give types such as UserCreated,PasswordChanged");
  return types;
}

/** Whom --actor and --subject mean. Throws UsageError where nobody goes by the name. */
async function findPeople({ actor, subject }: EventsOptions, stores: Stores): Promise<Filter> {
  const find = async (option: string, given: string) => {
    const name = signInName.safeParse(given);
    if (!name.success) throw new UsageError(`${option}: give an id or a username`);
    return validate(given) ? given.toLowerCase() : personNamed(stores, name.data);
  };
  const filter: Filter = {};
  if (actor !== undefined) {
    const person = await find("--actor", actor);
    // Parts of the system and programs act too, by names or ids of their own.
    filter.actors = person ? [actor, person] : [actor];
  }
  if (subject !== undefined) {
    filter.subject = await find("--subject", subject);
    if (!filter.subject) throw new Error(`nobody goes by the name ${subject}`);
  }
  return filter;
}
