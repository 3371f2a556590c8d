/** Where an actor waits until it is its turn. */
export type Gate = () => Promise<void>;

/**
 * Runs several actors at once, of which one goes on at a time: from one of its gates to the next.
 * The picks say who; the same ones make the same run, however fast the machine is. Without any left
 * the first goes on until it ends.
 */
export async function inLockstep(
  actors: readonly ((gate: Gate) => Promise<void>)[],
  picks: readonly number[],
): Promise<void> {
  const waiting = new Map<number, () => void>();
  let arrived = () => {};
  const running = actors.map(async (actor, n) => {
    const gate = () =>
      new Promise<void>((pass) => {
        waiting.set(n, pass);
        arrived();
      });
    await gate();
    try {
      await actor(gate);
    } finally {
      arrived();
    }
  });
  for (let round = 0; waiting.size > 0; round++) {
    const ready = [...waiting].toSorted(([one], [other]) => one - other);
    const [picked, pass] = ready[(picks[round] ?? 0) % ready.length] as (typeof ready)[number];
    waiting.delete(picked);
    const next = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    pass();
    await next;
  }
  await Promise.all(running);
}
