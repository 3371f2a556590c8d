import { openStores, type StoreSettings, type Stores } from "@daybook/adapters";
import {
  type Difference,
  openViews,
  PARKED,
  parseCollection,
  type Verified,
  type Views,
  verify,
} from "@daybook/application";
import { type Projection, projections } from "@daybook/projections";
import { redact } from "./describe.ts";
import { UsageError } from "./failure.ts";
import { requireInstallation } from "./installation.ts";
import type { Output } from "./output.ts";
import type { Progress } from "./progress.ts";
import { createTable } from "./table.ts";
import { safeJson } from "./text.ts";

export type VerifyOptions = { format: "table" | "jsonl" };

export type VerifyParts = {
  config: StoreSettings;
  output: Output;
  progress: Progress;
};

/** What became of one projection. */
type Result = {
  projection: string;
  collection: string;
  /** Where in the log its documents are. */
  position: number;
  /** Documents that a fold threw on, and that wait where they were. */
  parked: number;
} & (Verified | { unknown: string });

const PARKED_MAX = 1000;

/** Those named, or all. Throws UsageError for a name that there is not. */
export function projectionsNamed(names: readonly string[]): readonly Projection[] {
  const known = projections.map(({ name }) => name);
  const strange = names.find((name) => !known.includes(name));
  if (strange !== undefined)
    throw new UsageError(`there is no projection ${strange}: they are ${known.join(", ")}`);
  return names.length === 0 ? projections : projections.filter(({ name }) => names.includes(name));
}

async function verifyOne(
  { events, documents }: Stores,
  views: Views,
  projection: Projection,
  progress: Progress,
): Promise<Result> {
  const { name, version } = projection;
  const collection = views.serving(name);
  const position = (await views.checkpoint(collection))?.position ?? 0;
  const parked = await documents.count(PARKED, { where: { projection: collection } }, PARKED_MAX);
  const about = { projection: name, collection, position, parked };
  const serving = parseCollection(projection, collection)?.version;
  if (serving !== version)
    return { ...about, unknown: `version ${serving} serves, this program knows ${version}` };
  const verified = await verify({ events, documents }, projection, {
    collection,
    upTo: position,
    onProgress: (done, total) =>
      progress.show({ task: `Replaying for ${name}`, unit: "events", done, total }),
  });
  return { ...about, ...verified };
}

const resultOf = (result: Result): string => {
  if ("unknown" in result) return `cannot be compared: ${result.unknown}`;
  return result.differingCount === 0 ? "equal" : `${result.differingCount} differ`;
};

const fieldsOf = ({ stored, replayed }: Difference): string[] =>
  [...new Set([...Object.keys(stored ?? {}), ...Object.keys(replayed ?? {})])].filter(
    (field) =>
      JSON.stringify(stored?.[field as "id"]) !== JSON.stringify(replayed?.[field as "id"]),
  );

/** One that differs, in both versions; secrets are not shown, but that they differ is. */
const describe = (projection: string, difference: Difference): string =>
  [
    `${projection} ${difference.id} differs in ${fieldsOf(difference).join(", ")}`,
    `  stored    ${safeJson(redact(difference.stored))}`,
    `  replayed  ${safeJson(redact(difference.replayed))}`,
    "",
  ].join("\n");

/**
 * Replays the log into memory and compares every document of the projections with it. Throws where
 * one differs, after all are shown.
 */
export async function runVerify(
  names: readonly string[],
  { format }: VerifyOptions,
  { config, output, progress }: VerifyParts,
): Promise<void> {
  const asked = projectionsNamed(names);
  requireInstallation(config);
  const stores = await openStores(config);
  const results: Result[] = [];
  try {
    const views = await openViews(stores.events, stores.documents, projections, stores);
    for (const projection of asked) {
      const result = await verifyOne(stores, views, projection, progress);
      progress.wipe();
      results.push(result);
      if (format === "jsonl") await output.write(`${safeJson(redact(result))}\n`);
    }
  } finally {
    progress.wipe();
    await stores.close();
  }
  if (format === "table") await output.write(describeAll(results, output.room()));
  const differ = results.filter((result) => resultOf(result) !== "equal").length;
  if (differ > 0)
    throw new Error(
      `${differ} of ${results.length} projections differ from the log: npx daybook rebuild <projection>`,
    );
}

function describeAll(results: readonly Result[], room: number | undefined): string {
  const table = createTable([
    { title: "PROJECTION" },
    { title: "POSITION", right: true },
    { title: "DOCUMENTS", right: true },
    { title: "PARKED", right: true },
    { title: "CHECKSUM" },
    { title: "RESULT" },
  ]);
  const rows = results.map((result) => {
    const verified = "checksum" in result;
    return [
      result.projection,
      String(result.position),
      verified ? String(result.documents) : "",
      String(result.parked),
      verified ? result.checksum : "",
      resultOf(result),
    ];
  });
  const differences = results.flatMap((result) =>
    "differing" in result
      ? result.differing.map((difference) => describe(result.projection, difference))
      : [],
  );
  return [table(rows, room), ...differences].join("\n");
}
