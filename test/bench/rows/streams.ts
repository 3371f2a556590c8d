import { fill, open, personId } from "../fixtures.ts";
import { inUnit, median, msOf } from "../measure.ts";
import { type Measured, type Row, repeat, type Setting, sharedFolder } from "../row.ts";
import { rename } from "./commands.ts";

const SHORT = 10;
const LONG = 10_000;
/** People whose streams hold ten events each, beside the first with the long one. */
const PEOPLE = 40;

const folderOf = (setting: Setting): Promise<string> =>
  sharedFolder(setting, "streams", (folder) =>
    fill(folder, { people: PEOPLE, changes: SHORT - 2, longest: LONG }),
  );

type Took = { short: number; long: number };

async function measure(
  setting: Setting,
  times: number,
  timed: (setting: Setting, folder: string) => Promise<Took>,
): Promise<Measured> {
  const folder = await folderOf(setting);
  const took: Took[] = [];
  const runs = await repeat(setting, "commands", times, async () => {
    const one = await timed(setting, folder);
    took.push(one);
    return one.long / one.short;
  });
  const middle = (of: keyof Took) => inUnit(median(took.map((one) => one[of])), "ms");
  const notes = [`${middle("short")} on ${SHORT} events, ${middle("long")} on ${LONG}.`];
  return { runs, floor: runs.map(() => 1), notes };
}

/** Each on a stream that had a command before. */
async function warm({ quick }: Setting, folder: string): Promise<Took> {
  const app = await open(folder);
  const commands = quick ? 20 : 100;
  const short: number[] = [];
  const long: number[] = [];
  for (let nth = 0; nth < PEOPLE; nth++) await rename(app, personId(nth));
  for (let nth = 0; nth < commands; nth++) {
    short.push(await msOf(() => rename(app, personId(1 + (nth % (PEOPLE - 1))))));
    long.push(await msOf(() => rename(app, personId(0))));
  }
  await app.close();
  return { short: median(short), long: median(long) };
}

/** Each the first on stores that were opened a moment ago. */
async function first(_: Setting, folder: string): Promise<Took> {
  const firstOn = async (nth: number) => {
    const app = await open(folder);
    const took = await msOf(() => rename(app, personId(nth)));
    await app.close();
    return took;
  };
  return { short: await firstOn(1), long: await firstOn(0) };
}

const floor = "a stream of 10 events";

export const streams: readonly Row[] = [
  {
    name: "command on a stream of 10,000 events, warm",
    unit: "times",
    target: { amount: 1.5 },
    floor,
    measure: (setting) => measure(setting, setting.quick ? 1 : 3, warm),
  },
  {
    name: "command on a stream of 10,000 events, the first after opening",
    unit: "times",
    target: { amount: 1.5 },
    floor,
    measure: (setting) => measure(setting, setting.quick ? 3 : 9, first),
  },
];
