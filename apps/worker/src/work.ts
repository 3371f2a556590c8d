import { type App, collectionOf, startReactions, startRunner } from "@daybook/application";
import { catalogue } from "@daybook/domain";
import { accountMails, placeInOrganization } from "./accounts/reactions.ts";
import { startUpkeep } from "./upkeep.ts";

export type WorkParts = {
  app: App;
  /** Sign-in attempts are deleted when they are older than this. */
  signInDays: number;
  onError: (error: unknown) => void;
};

const UPKEEP = "upkeep";
const all = [placeInOrganization, accountMails];
const pieceOf = ({ name }: { name: string }): string => `reaction.${name}`;

/** Something that runs over some of the pieces, and is started again when they have changed. */
function running<T extends { stop: () => Promise<void> }>(
  start: (pieces: ReadonlySet<string>) => Promise<T>,
) {
  let now: T | undefined;
  let over: ReadonlySet<string> = new Set();
  return {
    now: () => now,
    take: async (pieces: ReadonlySet<string>) => {
      if (pieces.symmetricDifference(over).size === 0) return;
      // Whether it stops in good order or not, it does not go on.
      const before = now;
      now = undefined;
      over = new Set();
      await before?.stop();
      if (pieces.size > 0) now = await start(pieces);
      over = pieces;
    },
  };
}

/** The work behind the API that is done once, by one worker or shared out among many. */
export function openWork({ app, signInDays, onError }: WorkParts) {
  const projections = app.views.projections;
  const runner = running((pieces) => {
    const mine = projections.filter((one) => pieces.has(collectionOf(one)));
    return startRunner({ ...app, projections: mine, onError, catalogue });
  });
  const reactions = running((pieces) => {
    const mine = all.filter((one) => pieces.has(pieceOf(one)));
    return startReactions(app, mine, onError);
  });
  const upkeep = running(async () => startUpkeep(app, signInDays, onError));

  // By version: while a new one is rolled out, the old one is still kept up for who reads it.
  const names = new Set(projections.map((one) => collectionOf(one)));
  const reacting = new Set(all.map(pieceOf));
  return {
    pieces: [...names, ...reacting, UPKEEP],
    runner: runner.now,
    reactions: reactions.now,
    upkeep: upkeep.now,
    /** Does these pieces and no others. */
    take: async (pieces: ReadonlySet<string>) => {
      await runner.take(pieces.intersection(names));
      await reactions.take(pieces.intersection(reacting));
      await upkeep.take(pieces.intersection(new Set([UPKEEP])));
    },
  };
}
