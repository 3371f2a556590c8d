import type { AppRouter } from "@daybook/api";
import type { Permission } from "@daybook/domain";
import { hashKey, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import type { inferRouterOutputs } from "@trpc/server";
import { trpc } from "../api/client.ts";
import { enterLog } from "../api/seen.ts";

export type Me = NonNullable<inferRouterOutputs<AppRouter>["session"]["me"]>;

/** Who is signed in: undefined while it is not known, null where nobody is. */
export function useMe() {
  const query = useQuery(trpc.session.me.queryOptions());
  if (query.data) enterLog(query.data.logId);
  return query;
}

/** Who is signed in, on the pages that only they can see. */
export function useSignedIn(): Me {
  const { data } = useMe();
  if (!data) throw new Error("this page is behind the sign-in");
  return data;
}

export const may = (me: Me, permission: Permission): boolean => me.permissions.includes(permission);

/** Those of them that somebody may see or do. */
export const allowed = <T extends { permission?: Permission }>(me: Me, some: readonly T[]): T[] =>
  some.filter(({ permission }) => !permission || may(me, permission));

/** Whoever is signed in from now on sees nothing of whoever was before. */
export function useSwitchUser() {
  const queryClient = useQueryClient();
  const router = useRouter();
  return (me: Me | null) => {
    const mine = hashKey(trpc.session.me.queryKey());
    // Not the question itself: whoever has asked it still waits for the answer.
    queryClient.removeQueries({ predicate: ({ queryHash }) => queryHash !== mine });
    queryClient.setQueryData(trpc.session.me.queryKey(), me);
    // Which page is the first one depends on who it is for.
    return router.invalidate();
  };
}
