import type { Writable } from "node:stream";
import { OutputClosed } from "./failure.ts";

/** Where a command writes to, and what it needs to know of the terminal. */
export type Output = {
  /** Resolved when it is written. Rejects with OutputClosed when nobody reads it any more. */
  write: (text: string) => Promise<void>;
  /** The width of the terminal in cells, as it is now; nothing where no terminal reads it. */
  room: () => number | undefined;
};

/** Wraps an output stream. `columns` is the width where the stream itself is no terminal. */
export function openOutput(
  stream: Writable & { columns?: number },
  columns: string | undefined,
): Output {
  // Without a listener a closed pipe would end the process with a stack trace.
  stream.on("error", () => {});
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => {
          if (!error) resolve();
          else
            reject((error as NodeJS.ErrnoException).code === "EPIPE" ? new OutputClosed() : error);
        });
      }),
    room: () => stream.columns || Number.parseInt(columns ?? "", 10) || undefined,
  };
}
