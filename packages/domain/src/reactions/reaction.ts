import { z } from "zod";
import { defineDecider } from "../kernel/index.ts";

/**
 * A reaction is deployed once. The place of that event in the log is where its work begins, so that
 * a reaction added later does nothing about the past.
 */
export const reaction = defineDecider<{ deployed: boolean }>()({
  stream: "reaction",
  commands: { DeployReaction: z.object({ name: z.string() }) },
  events: { ReactionDeployed: z.object({ name: z.string() }) },
  initial: { deployed: false },
  decide: {
    DeployReaction: ({ deployed }, data) => (deployed ? [] : [{ type: "ReactionDeployed", data }]),
  },
  evolve: { ReactionDeployed: () => ({ deployed: true }) },
});
