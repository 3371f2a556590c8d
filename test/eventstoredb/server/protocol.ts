import { createRequire } from "node:module";
import gossipServices from "@eventstore/db-client/generated/gossip_grpc_pb.js";
import gossip from "@eventstore/db-client/generated/gossip_pb.js";
import featureServices from "@eventstore/db-client/generated/serverfeatures_grpc_pb.js";
import features from "@eventstore/db-client/generated/serverfeatures_pb.js";
import shared from "@eventstore/db-client/generated/shared_pb.js";
import status from "@eventstore/db-client/generated/status_pb.js";
import streamServices from "@eventstore/db-client/generated/streams_grpc_pb.js";
import streams from "@eventstore/db-client/generated/streams_pb.js";
import { Metadata, type ServiceError, status as StatusCode } from "@grpc/grpc-js";

// The protocol buffers of the client itself: messages of another copy are not theirs.
const requireAsClient = createRequire(
  createRequire(import.meta.url).resolve("@eventstore/db-client"),
);
type Packed = { pack: (bytes: Uint8Array, type: string, prefix: string) => void };
const { Any } = requireAsClient("google-protobuf/google/protobuf/any_pb.js") as {
  Any: new () => Packed;
};
const { Empty: GoogleEmpty } = requireAsClient("google-protobuf/google/protobuf/empty_pb.js");

export { features, gossip, shared, streams };
export const { StreamsService } = streamServices;
export const { GossipService } = gossipServices;
export const { ServerFeaturesService } = featureServices;

export const empty = () => new shared.Empty();
export const googleEmpty = () => new GoogleEmpty();
export const textOf = (bytes: Uint8Array | string): string =>
  Buffer.from(bytes as Uint8Array).toString("utf8");

export const identifierOf = (stream: string) => {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Uint8Array.from(Buffer.from(stream, "utf8")));
  return identifier;
};

/** A detail of an error as a batch append carries it. */
export function statusOf(
  code: number,
  message: string,
  detail: { serializeBinary: () => Uint8Array },
  type: string,
) {
  const packed = new Any();
  packed.pack(detail.serializeBinary(), `event_store.client.${type}`, "type.googleapis.com");
  const answer = new status.Status();
  answer.setCode(code as never);
  answer.setMessage(message);
  answer.setDetails(packed as never);
  return answer;
}

/** An error as every other call carries it: what it is stands in the trailers. */
export function failure(
  code: number,
  message: string,
  trailers: Record<string, string> = {},
): Partial<ServiceError> {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return { code, details: message, metadata };
}

export const unavailable = () => failure(StatusCode.UNAVAILABLE, "as the test asked");
export const deletedFailure = (stream: string) =>
  failure(StatusCode.FAILED_PRECONDITION, `${stream} is deleted`, {
    exception: "stream-deleted",
    "stream-name": stream,
  });
