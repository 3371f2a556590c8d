import { v7 } from "uuid";
import { queryClient } from "./client.ts";
import { noteSeen } from "./seen.ts";

/**
 * Sends a command: it gets an id, keeps it where no answer came and it is sent again, and whatever is
 * asked from then on is not answered from before it.
 *
 * @example await send(client.people.rename.mutate, { id, revision, data });
 */
export async function send<I extends { commandId: string }, O>(
  mutate: (input: I) => Promise<O>,
  input: Omit<I, "commandId">,
): Promise<O> {
  const mutation = queryClient
    .getMutationCache()
    .build<O, unknown, I, unknown>(queryClient, { mutationFn: mutate });
  const answer = await mutation.execute({ ...input, commandId: v7() } as I);
  noteSeen((answer as { position?: number }).position);
  return answer;
}

/** Sends a command, and brings everything on the page up to it. */
export async function run<I extends { commandId: string }, O>(
  mutate: (input: I) => Promise<O>,
  input: Omit<I, "commandId">,
): Promise<O> {
  const answer = await send(mutate, input);
  await queryClient.invalidateQueries();
  return answer;
}
