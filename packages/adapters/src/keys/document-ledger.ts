import type { Row } from "@daybook/projections";
import type { DocumentStore } from "../documents/port.ts";
import type { Erasure } from "./erasures.ts";
import type { Ledger } from "./ledger.ts";

type ErasureRow = Row & { at: string };

const ERASURES = "erasures";
/** How long a key may still be used here after another process has erased it. */
const LOOK_MS = 1000;
/** More than are ever erased. */
const COUNT_MAX = 10_000_000;

/** The ledger of an installation whose keys are not in a folder: a database of its own. */
export async function documentLedger(store: DocumentStore): Promise<Ledger> {
  await store.ensure({ name: ERASURES, indexes: [] });
  let lookedAt = Number.NEGATIVE_INFINITY;
  let named: ReadonlySet<string> = new Set();

  async function look(): Promise<ReadonlySet<string>> {
    lookedAt = performance.now();
    const count = await store.count(ERASURES, { where: {} }, COUNT_MAX);
    if (count === named.size) return named;
    const subjects = await Array.fromAsync(store.scan<ErasureRow>(ERASURES), ({ id }) => id);
    named = new Set(subjects);
    return named;
  }

  return {
    subjects: () => (performance.now() - lookedAt < LOOK_MS ? named : look()),
    entries: () =>
      Array.fromAsync(store.scan<ErasureRow>(ERASURES), ({ id, row }) => ({
        ...{ subject: id, at: row?.at ?? "" },
      })),
    record: async ({ subject: id, at }: Erasure) => {
      const row: ErasureRow = { id, organization: "", at };
      // Where it is named already, nothing is written, and that is as good.
      await store.write(ERASURES, [{ id, row, guard: 0, after: undefined }]);
      lookedAt = Number.NEGATIVE_INFINITY;
    },
  };
}
