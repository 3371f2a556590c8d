import { type App, verify } from "@daybook/application";

/** What sampling has found of one projection since the start. */
export type Sampled = {
  projection: string;
  /** Documents compared with a replay. */
  documents: number;
  /** Those of them that were not what the log says. */
  differing: number;
};

export type Sampling = { status: () => Sampled[]; stop: () => void };

/** Each time one projection: all of them within two and a quarter hours, where there are nine. */
const EVERY_MS = 15 * 60_000;
/** A part of the documents each time, so that the replay holds little in memory. */
const PARTS = 32;

/**
 * Compares a part of the documents of one projection after the other with a replay of the log, while
 * the program runs: what went wrong is seen before somebody stumbles over it. The clock says whose
 * turn it is, so that in three days every document has been compared, also with restarts between.
 */
export function startSampling(app: App, onError: (error: unknown) => void): Sampling {
  const { views } = app;
  const found = new Map(
    views.projections.map(({ name }) => [name, { projection: name, documents: 0, differing: 0 }]),
  );
  let stopped = false;

  async function sample() {
    const count = views.projections.length;
    const turn = Math.floor(app.now().getTime() / EVERY_MS);
    const projection = views.projections[turn % count];
    if (!projection) return;
    const collection = views.active(projection);
    const checkpoint = await views.checkpoint(collection);
    if (!checkpoint) return;
    const { documents, differingCount, differing } = await verify(app, projection, {
      collection,
      upTo: checkpoint.position,
      part: { index: Math.floor(turn / count) % PARTS, of: PARTS },
    });
    const one = found.get(projection.name);
    // Of a collection that was switched away meanwhile there is nothing to say.
    if (!one || stopped || views.active(projection) !== collection) return;
    one.documents += documents;
    one.differing += differingCount;
    if (differingCount > 0)
      onError(
        new Error(
          `${differingCount} documents of ${projection.name} differ from the log, first ${differing[0]?.id}`,
        ),
      );
  }

  const timer = setInterval(() => sample().catch(onError), EVERY_MS).unref();
  return {
    status: () => [...found.values()],
    stop: () => {
      stopped = true;
      clearInterval(timer);
    },
  };
}
