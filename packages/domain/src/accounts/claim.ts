import { conflict, defineDecider } from "../kernel/index.ts";
import { claimCommands } from "./commands.ts";
import { claimEvents } from "./events.ts";

/** Who holds a unique value now. The stream is named by a keyed hash of the value. */
type Claim = { holder?: ClaimHolder };
export type ClaimHolder = { owner: string; token: string; at: string };

export const claim = defineDecider<Claim>()({
  stream: "claim",
  commands: claimCommands,
  events: claimEvents,
  initial: {},
  decide: {
    TakeClaim({ holder }, { owner, token, instead }) {
      if (holder?.token === token) return [];
      if (holder && holder.token !== instead) throw conflict("claim/taken", holder);
      return [{ type: "ClaimTaken", data: { owner, token } }];
    },
    ReleaseClaim({ holder }, { token }) {
      return holder?.token === token ? [{ type: "ClaimReleased", data: { token } }] : [];
    },
  },
  evolve: {
    ClaimTaken: (_, { owner, token }, { at }) => ({ holder: { owner, token, at } }),
    ClaimReleased: () => ({}),
  },
});
