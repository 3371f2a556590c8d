import { useMutation, useQueryClient } from "@tanstack/react-query";
import { v7 } from "uuid";
import { noteSeen } from "./seen.ts";

/**
 * A command as a page uses it: it gets its id when it is asked for, keeps it through retries, and
 * when it is answered every query on the page is brought up to it.
 *
 * @example const rename = useCommand(client.people.rename.mutate);
 */
export function useCommand<I extends { commandId: string }, O>(send: (input: I) => Promise<O>) {
  const queryClient = useQueryClient();
  const { mutateAsync, isPending } = useMutation({
    mutationFn: (input: I) => send(input),
    onSuccess: (answer) => {
      noteSeen((answer as { position?: number }).position);
      return queryClient.invalidateQueries();
    },
  });
  const run = (input: Omit<I, "commandId">) => mutateAsync({ ...input, commandId: v7() } as I);
  return { run, isPending };
}
