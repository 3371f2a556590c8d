import type { Row } from "@daybook/projections";
import { closeBox, openBox } from "./box.ts";
import type { ServerKeys } from "./server-keys.ts";

/** A person's key, closed under the server's key of this id. */
export type KeyRow = Row & { wrapped: string; serverKey: string };

/** Closes the keys of people under the server's key, and opens them. */
export function wrapping(server: ServerKeys) {
  return {
    wrap: (subject: string, key: Uint8Array): KeyRow => ({
      id: subject,
      organization: "",
      wrapped: closeBox(key, subject, server.derive("wrap")),
      serverKey: server.id,
    }),
    unwrap: ({ id, wrapped, serverKey }: KeyRow): Uint8Array => {
      if (serverKey !== server.id)
        throw new Error(
          "the data was sealed under another server key: give the one it was made with",
        );
      return openBox(wrapped, id, server.derive("wrap"));
    },
  };
}
