import { overwrite } from "@daybook/adapters";
import { reaction, streamName } from "@daybook/domain";
import { foldMeta } from "@daybook/projections";
import type { App } from "../app.ts";
import { deriveId } from "../commands/ids.ts";
import { keepFollowing } from "../follow.ts";
import { tracedAfter } from "../tracing.ts";
import { CHECKPOINTS } from "../views/names.ts";
import type { CheckpointRow } from "../views/progress.ts";
import type { Reaction } from "./reaction.ts";

export type ReactionRunner = {
  status: () => { name: string; position: number }[];
  /** How often reading the log or a reaction failed and was taken up again. */
  restarts: () => number;
  stop: () => Promise<void>;
};

/** Events of others passed over before it is recorded that they were. */
const UNSAVED_MAX = 1000;

/** Where a reaction's work begins: the place in the log of its first deployment. */
async function deployedAt(app: App, name: string): Promise<number> {
  await app.execute(
    reaction,
    name,
    { type: "DeployReaction", data: { name } },
    {
      commandId: deriveId("00000000-0000-7000-8000-000000000000", "deploy", name),
      actor: { kind: "system", id: "worker" },
      organization: "",
    },
  );
  const stream = streamName(reaction, name);
  for await (const { position } of app.events.readStream(stream, { limit: 1 })) return position;
  throw new Error(`${stream} is empty after it was written`);
}

/** A reaction as the runner moves it along the log. */
async function openMember(app: App, { name, on }: Reaction) {
  const id = `reaction.${name}`;
  const deployed = await deployedAt(app, name);
  const checkpoint = (await app.documents.get<CheckpointRow>(CHECKPOINTS, id))?.row?.position ?? 0;
  // Beyond the head it is of a future that a restored log does not have.
  const known = checkpoint > (await app.events.head()) ? 0 : checkpoint;
  const position = Math.max(known, deployed);
  return { id, name, on, position, saved: position };
}

/**
 * Runs the reactions over one read of the log. The checkpoint only saves work: without it they start
 * again at their deployment, and what they did is recognized.
 */
export async function startReactions(
  app: App,
  reactions: readonly Reaction[],
  onError: (error: unknown) => void,
): Promise<ReactionRunner> {
  const abort = new AbortController();
  const { signal } = abort;
  const members = await Promise.all(reactions.map((one) => openMember(app, one)));
  const types = [...new Set(members.flatMap(({ on }) => Object.keys(on)))];

  async function save(member: (typeof members)[number]) {
    const { id, position } = member;
    const row: CheckpointRow = { id, organization: "", position };
    await overwrite(app.documents, CHECKPOINTS, [row]);
    member.saved = position;
  }

  async function follow() {
    if (members.length === 0) return;
    const after = Math.min(...members.map(({ position }) => position));
    for await (const batch of app.events.subscribe({ after, types, signal }))
      for (const member of members) {
        for (const event of batch.events) {
          if (event.position <= member.position) continue;
          const react = member.on[event.type];
          if (react)
            await tracedAfter(event, `react ${member.name}`, () =>
              react(app, event.data as never, foldMeta(event)),
            );
          member.position = event.position;
        }
        member.position = Math.max(member.position, batch.position);
        const unsaved = member.position - member.saved;
        if (unsaved > UNSAVED_MAX || (unsaved > 0 && batch.events.length > 0)) await save(member);
      }
  }

  const { done, restarts } = keepFollowing(follow, signal, onError);
  return {
    status: () => members.map(({ name, position }) => ({ name, position })),
    restarts,
    stop: async () => {
      abort.abort();
      await done;
    },
  };
}
