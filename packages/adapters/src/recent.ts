/** Values by key, those that were used lately: at least so many as it was made for, at most twice that. */
export type Recent<V> = {
  /** Counts as a use. */
  get: (key: string) => V | undefined;
  set: (key: string, value: V) => void;
  delete: (key: string) => void;
};

/**
 * A cache in two generations: what is used goes into the younger, and when that is full, the older is let
 * go as a whole. A use costs one look at a Map, or two; an order of all uses would cost several times that,
 * on every command's way.
 */
export function recentlyUsed<V>(atLeast: number): Recent<V> {
  let young = new Map<string, V>();
  let old = new Map<string, V>();

  function set(key: string, value: V) {
    young.set(key, value);
    if (young.size <= atLeast) return;
    old = young;
    young = new Map();
  }

  return {
    get: (key) => {
      const found = young.get(key);
      if (found !== undefined) return found;
      const older = old.get(key);
      if (older !== undefined) set(key, older);
      return older;
    },
    set,
    delete: (key) => {
      young.delete(key);
      old.delete(key);
    },
  };
}
