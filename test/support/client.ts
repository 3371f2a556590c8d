import type { AppRouter } from "@daybook/api";
import { createTRPCClient, httpBatchLink, TRPCClientError } from "@trpc/client";
import { v7 } from "uuid";

/**
 * The official client as a browser would be: it keeps the session's cookie and what it has seen. Given
 * a cookie, it goes on with that session.
 */
export function connect(url: string, session = "") {
  let cookie = session;
  let seen = "";
  const client = createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${url}/trpc`,
        headers: () => ({ cookie, ...(seen && { "x-daybook-seen": seen }) }),
        fetch: async (input, init) => {
          const response = await fetch(input, init as RequestInit);
          for (const set of response.headers.getSetCookie()) cookie = set.split(";")[0] ?? "";
          return response;
        },
      }),
    ],
  });
  return {
    client,
    cookie: () => cookie,
    /** Signs in, and from then on reads nothing older. */
    signIn: async (name: string, password: string) => {
      const { me, position } = await client.session.signIn.mutate({ name, password });
      seen = `${me?.logId}:${position}`;
      return me;
    },
    see: (logId: string, position: number) => {
      seen = `${logId}:${position}`;
    },
  };
}

export type Connection = ReturnType<typeof connect>;

/** The envelope of a command, with an id of its own. */
export const command = <D>(data: D) => ({ commandId: v7(), data });

/** The code of the refusal that a call ended with. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof TRPCClientError)
      return error.data?.refusal?.code ?? `${error.data?.code ?? "no answer"}: ${error.message}`;
    throw error;
  }
  throw new Error("it was not refused");
}

/** A person as a test makes one; every call another. */
export const personNamed = (name: string) => ({
  username: name,
  email: `${name}@test.example`,
  firstName: name,
  lastName: "Tester",
  phone: "",
  role: "member" as const,
});
