import type { AppRouter } from "@daybook/api";
import {
  createTRPCClient,
  type httpBatchLink,
  type httpLink,
  TRPCClientError,
  type TRPCLink,
} from "@trpc/client";
import type { TestServer } from "../support/server.ts";

/** What a request was and what it was answered, as it went over the wire. */
export type Exchange = { method: string; url: string; status: number };

/** The official client with one link, and the record of what it sent. */
export function clientOf(
  server: Pick<TestServer, "url">,
  link: typeof httpLink | typeof httpBatchLink,
  cookie = "",
) {
  const exchanges: Exchange[] = [];
  const options = {
    url: `${server.url}/trpc`,
    headers: { cookie },
    fetch: async (input: string | URL, init?: RequestInit) => {
      const response = await fetch(input, init);
      exchanges.push({
        method: init?.method ?? "GET",
        url: String(input),
        status: response.status,
      });
      return response;
    },
  };
  const links = [link(options as never) as TRPCLink<AppRouter>];
  return { client: createTRPCClient<AppRouter>({ links }), exchanges };
}

/** The error that the client rejects with; anything else fails the test. */
export async function errorOf(call: Promise<unknown>): Promise<TRPCClientError<AppRouter>> {
  const error = await call.then(
    () => new Error("it was not refused"),
    (one: unknown) => one,
  );
  if (error instanceof TRPCClientError) return error;
  throw error;
}

export type Answer = {
  status: number;
  headers: Headers;
  type: string | undefined;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says is what is tested.
  json: any;
};

/** A request that no client of ours would send. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: "manual", ...init });
  const text = await response.text();
  const type = response.headers.get("content-type")?.split(";")[0];
  const isJson = type === "application/json" && text !== "";
  const { status, headers } = response;
  return { status, headers, type, text, json: isJson ? JSON.parse(text) : undefined };
}

export const post = (
  body: string | Buffer<ArrayBuffer>,
  headers: Record<string, string> = {},
): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body,
});

export const inQuery = (input: unknown): string =>
  `input=${encodeURIComponent(JSON.stringify(input))}`;
