import { type Document, type DocumentStore, type GuardedWrite, overwrite } from "@daybook/adapters";
import { type Projection, type Row, remembered } from "@daybook/projections";
import type { App } from "../app.ts";
import { RETENTION } from "./names.ts";

/** From when on there are events of those that are not kept for ever. */
type CutRow = Row & { before: string };

const CUT = "cut";
/** Documents that are changed at once. */
const STEP = 500;

/**
 * The instant before which events that are not kept for ever are deleted, or about to be: what
 * documents still tell of them is to be passed over. Empty where nothing was ever deleted.
 */
export const readCut = async (documents: DocumentStore): Promise<string> =>
  (await documents.get<CutRow>(RETENTION, CUT))?.row?.before ?? "";

/** Moves the cut to this instant, unless it has been further. Returns where it is. */
async function moveCut(documents: DocumentStore, before: string): Promise<string> {
  for (;;) {
    const cut = await readCut(documents);
    if (cut >= before) return cut;
    // Of two processes at once one is heard, and that may be the other.
    const row: CutRow = { id: CUT, organization: "", before };
    await overwrite(documents, RETENTION, [row]);
  }
}

/** Has the documents of a collection forget what is from before the cut. */
async function forget(
  documents: DocumentStore,
  projection: Projection,
  collection: string,
  cut: string,
) {
  const left = ({ row }: Document) => remembered(projection, row, cut);
  const isStale = (document: Document) => left(document) !== document.row;

  /** Returns those that others wrote meanwhile, as they are now. */
  async function step(stale: readonly Document[]): Promise<Document[]> {
    const gone: string[] = [];
    const writes: GuardedWrite[] = [];
    for (const document of stale) {
      const { id, guard } = document;
      const row = left(document);
      // Half a step on: who holds the document as it was finds its guard moved when writing it, and
      // events are passed over or folded as before.
      if (row) writes.push({ id, row, guard: guard + 0.5, after: guard });
      else gone.push(id);
    }
    await documents.remove(collection, gone);
    const lost = await documents.write(collection, writes);
    return (await documents.getMany(collection, lost)).filter(isStale);
  }

  let stale: Document[] = [];
  for await (const document of documents.scan(collection)) {
    if (isStale(document)) stale.push(document);
    if (stale.length >= STEP) stale = await step(stale);
  }
  while (stale.length > 0) stale = await step(stale);
}

/**
 * Deletes the events of a category from before the beginning of a day, in UTC, and what documents
 * tell of them. The cut is moved first, so that nobody who compares takes for a difference what is
 * deleted on one side only, whether in the middle of this or after a crash. Done again, it does what
 * was left undone, and takes away what came back because somebody had read an event before.
 */
export async function deleteBefore(
  { events, documents, views }: Pick<App, "events" | "documents" | "views">,
  category: string,
  before: Date,
): Promise<void> {
  const cut = await moveCut(documents, before.toISOString());
  await events.deleteBefore(category, before);
  await views.fresh();
  for (const projection of views.projections)
    for (const collection of projection.forget ? views.folded(projection) : [])
      await forget(documents, projection, collection, cut);
}
