import type { AppRouter } from "@daybook/api";
import { MutationCache, type Query, QueryCache, QueryClient } from "@tanstack/react-query";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { createTRPCOptionsProxy } from "@trpc/tanstack-react-query";
import { isIdle } from "./idle.ts";
import { isSignedOut } from "./refusals.ts";
import { seenHeader } from "./seen.ts";

/** Where a session has ended, the app asks who is signed in, and shows the sign-in page. */
function onError(error: unknown) {
  if (isSignedOut(error)) queryClient.setQueryData(trpc.session.me.queryKey(), null);
}

/**
 * Queries that something changed for while they were asked for the first time. Invalidating those
 * starts nothing, for lack of data that would be out of date: their answer may be of before.
 */
const outdated = new WeakSet<Query<unknown, unknown>>();

function askAgain(query: Query<unknown, unknown>) {
  if (outdated.delete(query))
    queryClient.invalidateQueries({ queryKey: query.queryKey, exact: true });
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError, onSuccess: (_, query) => askAgain(query) }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      // What changes is told by the live updates; a page is not asked for again without reason.
      staleTime: 30_000,
      retry: (count, error) => count < 2 && isTransient(error),
    },
    mutations: {
      // Without a connection it fails and says so, rather than waiting for one in silence.
      networkMode: "always",
      // The same command id again: the server recognizes what it has already done.
      retry: (count, error) => count < 3 && isTransient(error),
    },
  },
});

queryClient.getQueryCache().subscribe((event) => {
  if (event.type !== "updated" || event.action.type !== "invalidate") return;
  const { data, fetchStatus } = event.query.state;
  if (data === undefined && fetchStatus !== "idle") outdated.add(event.query);
});

/** No answer at all, or one that says to try again. */
function isTransient(error: unknown): boolean {
  const status = (error as { data?: { httpStatus?: number } }).data?.httpStatus;
  return status === undefined || status === 503;
}

/** Below what servers and proxies accept as an address. */
const URL_MAX = 4000;

export const client = createTRPCClient<AppRouter>({
  links: [
    httpBatchLink({
      url: "/trpc",
      maxURLLength: URL_MAX,
      maxItems: 10,
      headers: () => ({
        "x-daybook-seen": seenHeader(),
        ...(isIdle() && { "x-daybook-idle": "1" }),
      }),
    }),
  ],
});

export const trpc = createTRPCOptionsProxy<AppRouter>({ client, queryClient });
