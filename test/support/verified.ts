import { type App, PARKED, verify } from "@daybook/application";

/** What of the read models is not what the log says, all of it; empty where everything is. */
export async function differencesFromLog(app: App): Promise<string[]> {
  const { documents, views } = app;
  const differences: string[] = [];
  for (const projection of views.projections) {
    const collection = views.serving(projection.name);
    const upTo = (await views.checkpoint(collection))?.position ?? 0;
    const { differing } = await verify(app, projection, { collection, upTo });
    for (const { id, stored, replayed } of differing)
      differences.push(
        `${collection} ${id} is ${JSON.stringify(stored)}, replayed ${JSON.stringify(replayed)}`,
      );
  }
  const parked = await documents.count(PARKED, { where: {} }, 1000);
  if (parked > 0) differences.push(`${parked} documents are parked`);
  return differences;
}
