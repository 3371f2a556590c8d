import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { sizeOf, sync } from "../files.ts";

/** What a back-up holds. It is written last: a folder without it is none. */
export type Manifest = z.output<typeof schema>;

const file = z.object({
  // Names come from outside here, and must not lead out of the folder.
  name: z.string().regex(/^[a-z]+\.(db|key|jsonl)$/),
  size: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const schema = z.object({
  format: z.literal(1),
  /** The version of the program that made it. */
  version: z.string(),
  madeAt: z.iso.datetime(),
  logId: z.string(),
  /** The position of the last event there ever was. */
  head: z.int().min(0),
  events: z.int().min(0),
  /** Names the server's key that its keys are closed under. */
  serverKey: z.string(),
  files: z.array(file),
});

const NAME = "manifest.json";

async function sha256(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk);
  return hash.digest("hex");
}

/** Size and checksum of files as they lie in a folder. */
export const describeFiles = (folder: string, names: readonly string[], signal: AbortSignal) =>
  Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { name, size: sizeOf(path), sha256: await sha256(path, signal) };
    }),
  );

/** Writes the manifest, durably. */
export function writeManifest(folder: string, manifest: Manifest): void {
  const path = join(folder, NAME);
  writeFileSync(path, `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 });
  sync(path);
}

/** Reads the manifest of a back-up. Throws where there is none, or of a format that is not known. */
export function readManifest(folder: string): Manifest {
  const path = join(folder, NAME);
  if (!existsSync(path))
    throw new Error(`${folder} is no back-up that was completed: ${NAME} is missing`);
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    throw new Error(`${path} is damaged, or of another version of Daybook`);
  }
}

/** Throws where a file is missing, or is not as it was when the back-up was made. */
export async function checkFiles(
  folder: string,
  { files }: Manifest,
  signal: AbortSignal,
): Promise<void> {
  for (const { name, size, sha256: expected } of files) {
    const path = join(folder, name);
    if (!existsSync(path)) throw new Error(`${path} is missing: the back-up is damaged`);
    if (sizeOf(path) !== size || (await sha256(path, signal)) !== expected)
      throw new Error(`${path} is not as it was backed up: the back-up is damaged`);
  }
}
