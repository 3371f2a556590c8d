import { createHash, randomBytes } from "node:crypto";

/** Draws that a seed repeats. */
export type Random = {
  /** A whole number, `from` and `to` included. */
  between: (from: number, to: number) => number;
  chance: (share: number) => boolean;
  pick: <T>(list: readonly T[]) => T;
  /** Draws of its own for a part, so that no part's draws depend on how far another has come. */
  fork: (part: string) => Random;
};

/** The seed of this run: as TEST_SEED gives it, else another every time. */
export const testSeed = (): string => process.env.TEST_SEED || randomBytes(4).toString("hex");

/** Mulberry32, started from a hash of the seed. */
export function seeded(seed: string): Random {
  let state = createHash("sha256").update(seed).digest().readUInt32LE();
  function draw(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const between = (from: number, to: number) => from + Math.floor(draw() * (to - from + 1));
  return {
    between,
    chance: (share) => draw() < share,
    pick: <T>(list: readonly T[]) => list[between(0, list.length - 1)] as T,
    fork: (part) => seeded(`${seed} ${part}`),
  };
}
