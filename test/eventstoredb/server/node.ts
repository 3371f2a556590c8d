import type {
  DeleteReq,
  DeleteResp,
  TombstoneReq,
  TombstoneResp,
} from "@eventstore/db-client/generated/streams_pb.js";
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerErrorResponse,
  type ServerUnaryCall,
  status as StatusCode,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { appendHandler, batchAppendHandler, expectedOf } from "./appending.ts";
import type { Misbehaviour } from "./faults.ts";
import type { Log } from "./log.ts";
import {
  deletedFailure,
  failure,
  features,
  GossipService,
  gossip,
  ServerFeaturesService,
  StreamsService,
  shared,
  streams,
  textOf,
  unavailable,
} from "./protocol.ts";
import { readHandler } from "./reading.ts";

/** Why a call is not worked on, if so. */
export type Guard = (call: {
  metadata: Metadata;
}) => Partial<ServerErrorResponse> | "stalled" | undefined;

export type NodeSettings = {
  /** Which of the nodes this is. */
  index: number;
  /** The ports of all nodes, in order, once they listen. */
  ports: () => readonly number[];
  /** `user:password` that must be given, if any. */
  user: string | undefined;
  /** Whether it tells of BatchAppend, which servers before 21.10 do not have. */
  batch: boolean;
  tls: { key: Buffer; cert: Buffer } | undefined;
};

const HOST = "127.0.0.1";

function guardOf({ faults }: Misbehaviour, { index, ports, user }: NodeSettings): Guard {
  const expected = user && `Basic ${Buffer.from(user).toString("base64")}`;
  return ({ metadata }) => {
    if (faults.stalled) return "stalled";
    if (faults.unavailable) return unavailable();
    if (expected && metadata.get("authorization")[0] !== expected)
      return failure(StatusCode.UNAUTHENTICATED, "unknown user", { exception: "access-denied" });
    if (faults.leader === index || metadata.get("requires-leader")[0] !== "true") return undefined;
    return failure(StatusCode.NOT_FOUND, "another node leads", {
      exception: "not-leader",
      "leader-endpoint-host": HOST,
      "leader-endpoint-port": String(ports()[faults.leader]),
    });
  };
}

type Removal =
  | ServerUnaryCall<DeleteReq, DeleteResp>
  | ServerUnaryCall<TombstoneReq, TombstoneResp>;

async function removal(log: Log, call: Removal, forGood: boolean) {
  const options = call.request.getOptions();
  const stream = textOf(options?.getStreamIdentifier()?.getStreamName() ?? "");
  const expected = options ? expectedOf(options, () => options.getRevision()) : "any";
  const outcome = await log.remove(stream, expected, forGood);
  if (outcome.kind === "appended") return String(outcome.commit);
  if (outcome.kind === "deleted") throw deletedFailure(stream);
  const numbers: Record<string, string> = { any: "-2", none: "-1", exists: "-4" };
  throw failure(StatusCode.FAILED_PRECONDITION, `${stream} is elsewhere`, {
    exception: "wrong-expected-version",
    "stream-name": stream,
    "expected-version": numbers[expected] ?? String(expected),
    ...(outcome.actual !== "none" && { "actual-version": String(outcome.actual) }),
  });
}

/** Answers a unary call with what comes out, or with what was thrown. */
const answered =
  <Q, R>(guard: Guard, work: (call: ServerUnaryCall<Q, R>) => Promise<R>) =>
  async (call: ServerUnaryCall<Q, R>, answer: sendUnaryData<R>) => {
    const refused = guard(call);
    if (refused === "stalled") return;
    if (refused) return answer(refused);
    await work(call).then(
      (result) => answer(null, result),
      (error) => answer(error),
    );
  };

function supported(batch: boolean) {
  const methods = new features.SupportedMethods();
  methods.setEventStoreServerVersion("23.10.0");
  for (const { path } of Object.values(StreamsService)) {
    const [, service = "", name = ""] = path.split("/");
    if (!batch && name === "BatchAppend") continue;
    const method = new features.SupportedMethod();
    method.setServiceName(service.toLowerCase());
    method.setMethodName(name.toLowerCase());
    methods.addMethods(method);
  }
  return methods;
}

function clusterInfo(ports: readonly number[], leader: number) {
  const info = new gossip.ClusterInfo();
  for (const [index, port] of ports.entries()) {
    const endpoint = new gossip.EndPoint();
    endpoint.setAddress(HOST);
    endpoint.setPort(port);
    const { LEADER, FOLLOWER } = gossip.MemberInfo.VNodeState;
    const member = new gossip.MemberInfo();
    const id = new shared.UUID();
    id.setString(`00000000-0000-4000-8000-${String(index).padStart(12, "0")}`);
    member.setInstanceId(id);
    member.setTimeStamp(String(Date.now()));
    member.setIsAlive(true);
    member.setState(index === leader ? LEADER : FOLLOWER);
    member.setHttpEndPoint(endpoint);
    info.addMembers(member);
  }
  return info;
}

/** One node of a cluster: all of them serve the same log. */
export function openNode(log: Log, misbehaviour: Misbehaviour, settings: NodeSettings) {
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  const { faults } = misbehaviour;
  const guard = guardOf(misbehaviour, settings);
  server.addService(StreamsService, {
    append: appendHandler(log, misbehaviour, guard),
    read: readHandler(log, misbehaviour, guard, () => faults.leader === settings.index),
    batchAppend: batchAppendHandler(log, misbehaviour, guard),
    delete: answered(guard, async (call: ServerUnaryCall<DeleteReq, DeleteResp>) => {
      const commit = await removal(log, call, false);
      const position = new streams.DeleteResp.Position();
      position.setCommitPosition(commit);
      position.setPreparePosition(commit);
      const answer = new streams.DeleteResp();
      answer.setPosition(position);
      return answer;
    }),
    tombstone: answered(guard, async (call: ServerUnaryCall<TombstoneReq, TombstoneResp>) => {
      const commit = await removal(log, call, true);
      const position = new streams.TombstoneResp.Position();
      position.setCommitPosition(commit);
      position.setPreparePosition(commit);
      const answer = new streams.TombstoneResp();
      answer.setPosition(position);
      return answer;
    }),
  });
  // Asked without credentials, as the client does, and by whoever looks for the leader.
  const open: Guard = () => (faults.unavailable ? unavailable() : undefined);
  server.addService(ServerFeaturesService, {
    getSupportedMethods: answered(open, async () => supported(settings.batch)),
  });
  server.addService(GossipService, {
    read: answered(open, async () => clusterInfo(settings.ports(), faults.leader)),
  });

  const { tls } = settings;
  const credentials = tls
    ? ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.cert }])
    : ServerCredentials.createInsecure();
  return {
    listen: (port: number): Promise<number> =>
      new Promise((resolve, reject) => {
        server.bindAsync(`${HOST}:${port}`, credentials, (error, bound) =>
          error ? reject(error) : resolve(bound),
        );
      }),
    close: () => server.forceShutdown(),
  };
}
