import type { Stopwatch } from "../durations.ts";
import { tracedCommand } from "../tracing.ts";
import type { Execute } from "./command-path.ts";

/** The command path as monitors see it: how long each command takes, and where in its trace. */
export const watched =
  (execute: Execute, took: Stopwatch): Execute =>
  async (decider, id, command, envelope, options) => {
    const since = performance.now();
    try {
      return await tracedCommand(command.type, envelope, () =>
        execute(decider, id, command, envelope, options),
      );
    } finally {
      took.ended(command.type, since);
    }
  };
