import { setTimeout as delay } from "node:timers/promises";
import { TRPCClientError } from "@trpc/client";
import { type Connection, connect } from "../support/client.ts";
import type { Installation } from "./installation.ts";

/** What a question led to in the end: an answer, or the code of a refusal. */
export type Outcome<T> =
  | { answer: T; refused?: undefined }
  | { answer?: undefined; refused: string };

export type Asker = {
  /** Asks again, over lost connections, failures and restarts, until there is an answer. */
  untilAnswered: <T>(
    ask: (connection: Connection, url: string) => Promise<T>,
  ) => Promise<Outcome<T>>;
  /** Asks once, and does not look at the answer. */
  once: (ask: (connection: Connection) => Promise<unknown>) => Promise<void>;
};

/** Longer than several restarts take: so long without an answer, something hangs. */
const PATIENCE_MS = 120_000;
const PAUSE_MS = 20;
/** A server that says so often that it failed will not do better. */
const FAILURES_MAX = 50;

/**
 * What an answer says that is none: a refusal, or a failure of the server; nothing if it was lost, or
 * if the server says itself that it is to be asked again.
 */
function saidBy(error: unknown): { refused?: string; failed?: string } {
  if (!(error instanceof TRPCClientError)) throw error;
  const { data } = error;
  if (!data || data.httpStatus === 503) return {};
  const code = data.refusal?.code ?? `${data.code}: ${error.message}`;
  return data.httpStatus >= 500 ? { failed: code } : { refused: code };
}

/** A client that keeps its session over restarts, as a browser does. */
export function openAsker(place: Installation): Asker {
  let connection: Connection | undefined;
  let connectedTo = "";

  async function connected() {
    const url = await place.url();
    if (!connection || url !== connectedTo) connection = connect(url, connection?.cookie());
    connectedTo = url;
    return connection;
  }

  return {
    untilAnswered: async (ask) => {
      const deadline = Date.now() + PATIENCE_MS;
      let failures = 0;
      while (Date.now() < deadline) {
        try {
          return { answer: await ask(await connected(), connectedTo) };
        } catch (error) {
          const { refused, failed } = saidBy(error);
          if (refused) return { refused };
          if (failed && ++failures === FAILURES_MAX) throw error;
        }
        await delay(PAUSE_MS);
      }
      throw new Error(`no answer within ${PATIENCE_MS} ms: ${ask}`);
    },
    once: async (ask) => {
      await ask(await connected()).catch(saidBy);
    },
  };
}
