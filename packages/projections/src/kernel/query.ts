/** What documents are filtered by: equal, one of several, a range, or a prefix. */
export type Condition =
  | string
  | number
  | boolean
  | { in: readonly (string | number)[] }
  | { gte?: string | number; lt?: string | number }
  | { prefix: string };

export type Where = Readonly<Record<string, Condition>>;

export type Query = {
  where: Where;
  /** At least one of these must hold too. */
  anyOf?: readonly Where[];
  /** A declared index, or the start of one, with one direction for all. The id is appended. */
  sort: readonly string[];
  direction: "ascending" | "descending";
  /** As the page before gave it. Of another sort it is refused. */
  cursor?: string;
  /** 1 to 500. */
  limit: number;
};

export type Page<R> = { rows: R[]; cursor: string | undefined };

/** The most that is ever counted: past it a page says "1,000+". */
export const COUNT_CAP = 1000;
