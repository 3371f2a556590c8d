import { type DocumentStore, overwrite } from "@daybook/adapters";
import type { Projection, Row } from "@daybook/projections";
import type { RunnerParts } from "./member.ts";
import { REBUILDS } from "./names.ts";
import type { Verified } from "./verify.ts";

/** A wish to have a projection built again, and how far whoever runs the projections is with it. */
export type RebuildRow = Row & {
  state: "requested" | "building" | "done" | "failed";
  /** The position that was folded last, and the log's head: of use while it is being built. */
  position: number;
  head: number;
  documents?: number;
  checksum?: string;
  /** Why it failed; what served before goes on. */
  error?: string;
};

/** How soon a request is seen. */
const LOOK_MS = 500;

const put = (documents: DocumentStore, row: Omit<RebuildRow, "organization">) =>
  overwrite(documents, REBUILDS, [{ ...row, organization: "" } as RebuildRow]);

/** Asks whoever runs the projections, now or when it starts, to build one again. */
export const requestRebuild = (documents: DocumentStore, name: string): Promise<void> =>
  put(documents, { id: name, state: "requested", position: 0, head: 0 });

export const readRebuild = async (
  documents: DocumentStore,
  name: string,
): Promise<RebuildRow | undefined> =>
  (await documents.get<RebuildRow>(REBUILDS, name))?.row ?? undefined;

/** Fulfils requests for these projections, one after the other, until the signal aborts. */
export async function watchRebuilds(
  { documents, events }: Pick<RunnerParts, "documents" | "events">,
  projections: readonly Projection[],
  rebuild: (projection: Projection, onProgress: (position: number) => void) => Promise<Verified>,
  signal: AbortSignal,
): Promise<void> {
  async function fulfil(projection: Projection) {
    const { name: id } = projection;
    const head = await events.head();
    let told = Promise.resolve();
    /** One after the other: of two writes at once the later could be the one that is lost. */
    function tell(state: RebuildRow["state"], more: Partial<RebuildRow> = {}) {
      told = told
        .catch(() => {})
        .then(() => put(documents, { id, state, position: 0, head, ...more }));
      return told;
    }
    await tell("building");
    const onProgress = (position: number) => {
      // A step that is lost is followed by the next.
      tell("building", { position }).catch(() => {});
    };
    try {
      const { documents: count, checksum, differingCount } = await rebuild(projection, onProgress);
      if (differingCount > 0) throw new Error(`${differingCount} documents differ from a replay`);
      await tell("done", { position: head, documents: count, checksum });
    } catch (error) {
      // Broken off by the end of the process, it is taken up by the next.
      if (signal.aborted) return;
      await tell("failed", { error: String((error as Error).message) });
    }
  }

  while (!signal.aborted) {
    const names = projections.map(({ name }) => name);
    const asked = await documents.getMany<RebuildRow>(REBUILDS, names);
    for (const { row } of asked) {
      const projection = projections.find(({ name }) => name === row?.id);
      const isOpen = row?.state === "requested" || row?.state === "building";
      if (projection && isOpen && !signal.aborted) await fulfil(projection);
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      signal.addEventListener(
        "abort",
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    });
  }
}
