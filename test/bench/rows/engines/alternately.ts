import { inPercent, spread } from "../../measure.ts";
import type { Measured, Setting } from "../../row.ts";

/**
 * Measures ours and the bare client in turn, in many short rounds: what else the machine has to do
 * meets both. Whoever is first in one round is second in the next.
 */
export async function alternately(
  { quick, say }: Setting,
  ours: () => Promise<number>,
  bare: () => Promise<number>,
): Promise<Measured> {
  const rounds = quick ? 3 : 9;
  const runs: number[] = [];
  const floor: number[] = [];
  const turns = [
    async () => runs.push(await ours()),
    async () => floor.push(await bare()),
  ] as const;
  say("warming up");
  await ours();
  await bare();
  for (let round = 1; round <= rounds; round++) {
    say(`in turn with the bare client, round ${round} of ${rounds}`);
    for (const turn of round % 2 === 1 ? turns : turns.toReversed()) {
      // The garbage of one is not collected in the time of the other.
      globalThis.gc?.();
      await turn();
    }
  }
  const shares = runs.map((run, round) => run / (floor[round] ?? Number.NaN));
  const [least, most] = [Math.min(...shares), Math.max(...shares)].map(inPercent);
  const notes = [`Runs of the floor: ${spread(floor)}; of it ${least} to ${most} in a round.`];
  return { runs, floor, notes };
}
