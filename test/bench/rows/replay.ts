import { join } from "node:path";
import {
  type DocumentStore,
  openSqliteDocuments,
  openStores,
  type Stores,
} from "@daybook/adapters";
import { collectionOf, openViews, startRunner } from "@daybook/application";
import { type Catalogue, catalogue } from "@daybook/domain";
import { type Row as Document, type Projection, people } from "@daybook/projections";
import { bigLog, logFile, untilBuilt } from "../fixtures.ts";
import { openAll, sealedBoxes } from "../floors/boxes.ts";
import { scanAndUpsert } from "../floors/scan.ts";
import { balances, ledger, ledgerCatalogue, openLedger } from "../ledger.ts";
import { freshFolder, type Measured, type Row, repeat, type Setting } from "../row.ts";

/** The same read model so many times, each under a name of its own. */
const copies = <R extends Document>(projection: Projection<R>, count: number): Projection[] =>
  Array.from({ length: count }, (_, nth) => ({
    ...(projection as unknown as Projection),
    name: `${projection.name}${nth}`,
  }));

type Log = Pick<Stores, "events" | "close">;

const openPeople = (folder: string): Promise<Log> => openStores({ data: folder, key: undefined });

/** How long a replay may take; one that is slower is measured by how far it came. */
const limitMs = ({ quick }: Setting): number => (quick ? 10_000 : 60_000);

/** Events folded each second by the product's own runner, until all read models have the last one. */
async function replayRate(
  setting: Setting,
  { events }: Log,
  documents: DocumentStore,
  of: readonly Projection[],
  known: Catalogue,
): Promise<number> {
  const views = await openViews(events, documents, of);
  const head = await events.head();
  const failed = Promise.withResolvers<never>();
  const startedAt = performance.now();
  const runner = await startRunner({
    ...{ events, documents, views, catalogue: known, now: () => new Date() },
    onError: failed.reject,
  });
  const building = untilBuilt(runner, head, limitMs(setting));
  const isBuilt = await Promise.race([building, failed.promise]);
  const reached = isBuilt ? head : Math.min(...runner.status().map(({ position }) => position));
  const rate = reached / ((performance.now() - startedAt) / 1000);
  await runner.stop();
  return rate;
}

/** Replays a log into new documents; says also where the last of them are. */
async function replay(
  setting: Setting,
  openLog: () => Promise<Log>,
  of: readonly Projection[],
  known: Catalogue,
) {
  let file = "";
  const runs = await repeat(setting, "replayed", setting.quick ? 1 : 3, async () => {
    file = join(freshFolder(setting), "views.db");
    const log = await openLog();
    const documents = await openSqliteDocuments(file, "NORMAL");
    const rate = await replayRate(setting, log, documents, of, known);
    await log.close();
    await documents.close();
    return rate;
  });
  return { runs, file };
}

async function measurePlain(setting: Setting, count: number): Promise<Measured> {
  const folder = await ledger(setting);
  const of = copies(balances, count);
  const { runs, file } = await replay(setting, () => openLedger(folder), of, ledgerCatalogue);
  const floor = await repeat(setting, "bare SQLite", setting.quick ? 1 : 3, async () =>
    scanAndUpsert(
      setting,
      logFile(folder),
      file,
      of.map((one) => collectionOf(one)),
    ),
  );
  return { runs, floor };
}

async function measureSealed(setting: Setting, count: number): Promise<Measured> {
  const folder = await bigLog(setting);
  const of = copies(people, count);
  const { runs } = await replay(setting, () => openPeople(folder), of, catalogue);
  const boxes = await sealedBoxes(folder);
  const floor = await repeat(setting, "the cipher alone", 3, async () => openAll(boxes));
  return { runs, floor };
}

const plainFloor =
  "bare SQLite scanning the log and upserting the same documents, 10,000 events each";
const sealedFloor = "the cipher alone opening every sealed box of the log";

export const replays: readonly Row[] = [
  {
    name: "replay into one read model, nothing sealed",
    unit: "/s",
    target: { amount: 100_000, share: 0.5 },
    floor: plainFloor,
    measure: (setting) => measurePlain(setting, 1),
  },
  {
    name: "replay into ten read models, nothing sealed",
    unit: "/s",
    target: { amount: 40_000, share: 0.5 },
    floor: plainFloor,
    measure: (setting) => measurePlain(setting, 10),
  },
  {
    name: "replay into one read model, sealed fields (people)",
    unit: "/s",
    target: { share: 0.8 },
    floor: sealedFloor,
    measure: (setting) => measureSealed(setting, 1),
  },
  {
    name: "replay into ten read models, sealed fields (people)",
    unit: "/s",
    target: { share: 0.8 },
    floor: sealedFloor,
    measure: (setting) => measureSealed(setting, 10),
  },
];
