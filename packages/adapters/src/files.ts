import { closeSync, fsyncSync, openSync, statSync } from "node:fs";

/** The size of a file in bytes; 0 where there is none. */
export const sizeOf = (file: string): number =>
  statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Makes durable what was written to a file; of a folder, which names are in it. */
export function sync(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
