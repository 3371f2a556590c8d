/** Runs what is asked for under one name one after the other, and other names beside it. */
export type TakeTurns = <T>(name: string, run: () => Promise<T>) => Promise<T>;

/**
 * Commands on one stream take turns within a process, so that many at once do not overtake each other
 * again and again; those of other processes are found by their conflict.
 */
export function turns(): TakeTurns {
  const last = new Map<string, Promise<unknown>>();
  return (name, run) => {
    const before = last.get(name);
    const turn = before ? before.then(run, run) : run();
    last.set(name, turn);
    const leave = () => {
      if (last.get(name) === turn) last.delete(name);
    };
    turn.then(leave, leave);
    return turn;
  };
}
