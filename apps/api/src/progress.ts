import type { ProjectionStatus } from "@daybook/application";

/**
 * How far a projection is behind the end of the log: in positions, which have gaps, and are bytes on
 * EventStoreDB. Only 0 tells something by itself.
 */
export const behindOf = (head: number, { position }: Pick<ProjectionStatus, "position">): number =>
  Math.max(head - position, 0);
