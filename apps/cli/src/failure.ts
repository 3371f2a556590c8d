import { Refusal } from "@daybook/domain";
import { CommanderError } from "commander";
import { oneLine } from "./text.ts";

/** The command was not given as it must be. The message is one line and names the option. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The operator broke off. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** What reads the output has gone, as `head` does when it has enough. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/**
 * The exit code of a failure: 2 where the command line is wrong, 130 where the operator broke off,
 * as shells have it, 0 for help and for a reader that has enough, 1 for everything else.
 */
export function exitCode(error: unknown): number {
  if (error instanceof OutputClosed) return 0;
  if (error instanceof CommanderError) return error.code === "commander.help" ? 2 : usage(error);
  if (error instanceof UsageError) return 2;
  if (error instanceof Refusal && error.kind === "invalid") return 2;
  return error instanceof Interrupted ? 130 : 1;
}

const usage = (error: CommanderError): number => (error.exitCode === 0 ? 0 : 2);

/** Rules that `setup` can break, in words; the others are named by their code. */
const refusals: Readonly<Record<string, string>> = {
  "password/context": "The password is too close to the names or the address of the account.",
  "password/pattern": "The password repeats or follows a pattern: choose one harder to guess.",
  "password/common": "This is a commonly used password: choose another.",
  "user/email-taken": "Somebody else uses this e-mail address.",
  "user/username-taken": "Somebody else uses this username.",
};

/** What went wrong, in one line, or nothing where it was said already or needs no words. */
export function explain(error: unknown): string | undefined {
  if (error instanceof OutputClosed || error instanceof CommanderError) return undefined;
  if (error instanceof Refusal) return refusals[error.code] ?? `refused: ${error.code}`;
  const message = error instanceof Error ? error.message : String(error);
  return oneLine(message) || "it failed, and DAYBOOK_LOG=debug shows where";
}
