/** What documents are filtered by: equal, one of several, a range, or a prefix. */
export type Condition =
  | string
  | number
  | boolean
  | { in: readonly (string | number)[] }
  | { gte?: string | number; lt?: string | number }
  | { prefix: string };

export type Where = Readonly<Record<string, Condition>>;

/** What is counted. */
export type Filter = {
  where: Where;
  /** At least one of these must hold too; each is counted by an index of its own. */
  anyOf?: readonly Where[];
};

export type Query = {
  where: Where;
  /**
   * What a declared index has behind the fields that `where` sets, with one direction for all. The
   * id is appended. With `in` the lists of the values are merged, and stay in the index's order.
   */
  sort: readonly string[];
  direction: "ascending" | "descending";
  /** As the page before gave it. Of another sort it is refused. */
  cursor?: string;
  /**
   * A cursor of the same sort, at which the page ends though it holds less than `limit`. What lies
   * between two cursors stays a page of its own, whatever is added or deleted around it.
   */
  until?: string;
  /** 1 to 500. */
  limit: number;
};

/** `cursor` is where the next page begins; undefined where nothing follows, or nothing before `until`. */
export type Page<R> = { rows: R[]; cursor: string | undefined };

/** The most that is ever counted: past it a page says "1,000+". */
export const COUNT_CAP = 1000;
