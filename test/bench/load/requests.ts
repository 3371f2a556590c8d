import { v7 } from "uuid";

/** What a load generator asks for, again and again. */
export type Call =
  | { kind: "get"; path: string }
  | { kind: "rename"; people: readonly string[] }
  | { kind: "sign-in"; names: readonly string[]; password: string };

export type Load = {
  url: string;
  connections: number;
  forMs: number;
  /** One each for the connections, in turn. */
  cookies: readonly string[];
  call: Call;
};

const some = <T>(of: readonly T[]): T => of[Math.floor(Math.random() * of.length)] as T;

/** What makes the text of the next request of a connection: a command has an id of its own. */
export function requestsOf({ url, cookies, call }: Pick<Load, "url" | "cookies" | "call">) {
  const headersOf = (connection: number) => {
    const cookie = cookies[connection % cookies.length];
    return `host: ${new URL(url).host}\r\n${cookie === undefined ? "" : `cookie: ${cookie}\r\n`}`;
  };
  const post = (connection: number, path: string, input: unknown) => {
    const body = JSON.stringify(input);
    return [
      `POST ${path} HTTP/1.1\r\n${headersOf(connection)}content-type: application/json\r\n`,
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ].join("");
  };
  switch (call.kind) {
    case "get": {
      const texts = Array.from(
        { length: Math.max(cookies.length, 1) },
        (_, connection) => `GET ${call.path} HTTP/1.1\r\n${headersOf(connection)}\r\n`,
      );
      return (connection: number) => texts[connection % texts.length] as string;
    }
    case "rename":
      return (connection: number) => {
        const data = { firstName: `Grace ${Math.random()}`, lastName: "Hopper" };
        const input = { commandId: v7(), id: some(call.people), data };
        return post(connection, "/trpc/people.rename", input);
      };
    case "sign-in": {
      // One person after the other: two sign-ins of one at once would wait for each other.
      let next = 0;
      return (connection: number) => {
        const name = call.names[next++ % call.names.length];
        return post(connection, "/trpc/session.signIn", { name, password: call.password });
      };
    }
  }
}
