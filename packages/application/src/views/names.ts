import type { Projection, Row } from "@daybook/projections";

/** Each version of a projection has a collection of its own. */
export const collectionOf = <R extends Row>({
  name,
  version,
}: Pick<Projection<R>, "name" | "version">): string => `${name}-${version}`;

/** Bookkeeping, beside the collections of the projections; a projection's name has no dot. */
export const CHECKPOINTS = "daybook.checkpoints";
export const SERVING = "daybook.serving";
export const PARKED = "daybook.parked";
