import { createInterface } from "node:readline/promises";
import { Interrupted } from "./failure.ts";

/** Asks one question after the other; the answer to each comes without its line break. */
export type Ask = (question: string) => Promise<string>;

/**
 * Asks on a terminal for as long as `run` does. Ctrl-C and Ctrl-D throw Interrupted. Questions go
 * where they are not mixed with what the command prints.
 */
export async function asking<T>(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  run: (ask: Ask) => Promise<T>,
): Promise<T> {
  const terminal = createInterface({ input, output, terminal: true });
  const gone = new AbortController();
  terminal.once("SIGINT", () => terminal.close());
  terminal.once("close", () => gone.abort());
  try {
    return await run(async (question) => {
      try {
        return await terminal.question(question, { signal: gone.signal });
      } catch (error) {
        if (!gone.signal.aborted) throw error;
        output.write("\n");
        throw new Interrupted("nothing was set up");
      }
    });
  } finally {
    terminal.close();
  }
}

/** Reads one line from a pipe, at most `max` characters; nothing where there is more than a line. */
export async function readLine(
  input: AsyncIterable<unknown>,
  max: number,
): Promise<string | undefined> {
  let text = "";
  for await (const chunk of input) {
    text += chunk;
    if (text.length > max) return undefined;
  }
  const line = text.replace(/\r?\n$/, "");
  return /[\r\n]/.test(line) ? undefined : line;
}
