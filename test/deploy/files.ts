import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

const root = join(import.meta.dirname, "../..");

/** A file of the repository. */
export const textOf = (path: string): string => readFileSync(join(root, path), "utf8");

export const pathsOf = (pattern: string): string[] => globSync(pattern, { cwd: root }).sort();

/** The documents of a YAML file, with its anchors and merges resolved. Throws where it is malformed. */
export function documentsOf(path: string): unknown[] {
  return parseAllDocuments(textOf(path), { merge: true }).map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw new Error(`${path}: ${problem.message}`);
    return document.toJS();
  });
}

/** Whether an image is of one release, not of whatever is newest. */
export const isPinned = (image: string): boolean => /:v?\d+\.\d+\.\d+(-[\w.-]+)?$/.test(image);
