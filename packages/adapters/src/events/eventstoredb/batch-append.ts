import { randomUUID } from "node:crypto";
import { type EventStoreDBClient, UnavailableError } from "@eventstore/db-client";
import unpacking from "@eventstore/db-client/dist/streams/appendToStream/unpackError.js";
import { convertToCommandError } from "@eventstore/db-client/dist/utils/CommandError.js";
import shared from "@eventstore/db-client/generated/shared_pb.js";
import services, { type StreamsClient } from "@eventstore/db-client/generated/streams_grpc_pb.js";
import type { BatchAppendResp } from "@eventstore/db-client/generated/streams_pb.js";
import streams from "@eventstore/db-client/generated/streams_pb.js";

/** An event as it is sent: its id is the server's, ours stands in the metadata. */
export type Outgoing = { id: string; type: string; data: object; metadata: object };

type Call = ReturnType<StreamsClient["batchAppend"]>;
type Waiter = { resolve: (commit: number | undefined) => void; reject: (error: unknown) => void };

/** What the client keeps for its own methods: channels that are made anew after an error. */
type Inside = {
  GRPCStreamCreator: (
    service: unknown,
    name: string,
    creator: (client: StreamsClient) => Call,
    cache: WeakMap<object, Call>,
  ) => () => Promise<Call>;
  callArguments: (
    options: { requiresLeader: boolean },
    callOptions: { deadline: number },
  ) => [never, never];
  supports: (method: unknown) => Promise<boolean>;
  getChannel: () => Promise<{ close: () => void }>;
};
export const inside = (client: EventStoreDBClient) => client as unknown as Inside;

const encoded = (value: object): Uint8Array =>
  new Uint8Array(Buffer.from(JSON.stringify(value), "utf8"));

function requestOf(
  id: string,
  stream: string,
  expected: number | "none",
  events: readonly Outgoing[],
) {
  const correlation = new shared.UUID();
  correlation.setString(id);
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(new Uint8Array(Buffer.from(stream, "utf8")));
  const options = new streams.BatchAppendReq.Options();
  options.setStreamIdentifier(identifier);
  if (expected === "none") options.setNoStream(new shared.Empty() as never);
  else options.setStreamPosition(String(expected));
  const request = new streams.BatchAppendReq();
  request.setCorrelationId(correlation);
  request.setOptions(options);
  request.setIsFinal(true);
  for (const event of events) {
    const eventId = new shared.UUID();
    eventId.setString(event.id);
    const message = new streams.BatchAppendReq.ProposedMessage();
    message.setId(eventId);
    message.getMetadataMap().set("type", event.type);
    message.getMetadataMap().set("content-type", "application/json");
    message.setData(encoded(event.data));
    message.setCustomMetadata(encoded(event.metadata));
    request.addProposedMessages(message);
  }
  return request;
}

function settle({ resolve, reject }: Waiter, answer: BatchAppendResp): void {
  const error = answer.getError();
  const commit = answer.getSuccess()?.getPosition()?.getCommitPosition();
  const stream = Buffer.from(answer.getStreamIdentifier()?.getStreamName_asU8() ?? []);
  if (error) reject(unpacking.unpackToCommandError(error, stream.toString("utf8")));
  else resolve(commit === undefined ? undefined : Number(commit));
}

/**
 * Batch appends over the client's connection. Its own keep what waits for an answer in one place for
 * all calls of the process: an error of one rejects those of all others, and an answer that comes
 * afterwards to one of those throws where nobody can catch it. Here each call has its own.
 */
export function batchAppends(client: EventStoreDBClient) {
  const waiting = new WeakMap<Call, Map<string, Waiter>>();

  function open(service: StreamsClient): Call {
    const waiters = new Map<string, Waiter>();
    const fail = (error: Error) => {
      for (const { reject } of waiters.values()) reject(convertToCommandError(error));
      waiters.clear();
    };
    const args = inside(client).callArguments(
      { requiresLeader: true },
      { deadline: Number.POSITIVE_INFINITY },
    );
    const call = service.batchAppend(...args);
    call.on("data", (answer: BatchAppendResp) => {
      const id = answer.getCorrelationId()?.getString() ?? "";
      const waiter = waiters.get(id);
      waiters.delete(id);
      if (waiter) settle(waiter, answer);
    });
    call.on("error", fail);
    call.on("close", () => fail(new UnavailableError(undefined, "the call has ended")));
    waiting.set(call, waiters);
    return call;
  }
  const connected = inside(client).GRPCStreamCreator(
    services.StreamsClient,
    "appendToStream",
    open,
    new WeakMap(),
  );

  /**
   * Answers with the position of the last event, where it is told. Rejects with the client's errors,
   * or with the reason of the signal where no answer came.
   */
  return async (
    stream: string,
    expected: number | "none",
    events: readonly Outgoing[],
    signal: AbortSignal,
  ): Promise<number | undefined> => {
    const call = await connected();
    // Nobody waits for it any more: what is not sent cannot come late.
    signal.throwIfAborted();
    const waiters = waiting.get(call);
    const id = randomUUID();
    return new Promise((resolve, reject) => {
      waiters?.set(id, { resolve, reject });
      signal.addEventListener("abort", () => {
        waiters?.delete(id);
        reject(signal.reason);
      });
      call.write(requestOf(id, stream, expected, events));
    });
  };
}
