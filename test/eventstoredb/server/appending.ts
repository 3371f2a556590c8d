import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
} from "@eventstore/db-client/generated/streams_pb.js";
import {
  type ServerDuplexStream,
  type ServerReadableStream,
  status as StatusCode,
  type sendUnaryData,
} from "@grpc/grpc-js";
import type { Misbehaviour } from "./faults.ts";
import type { AppendOutcome, Expected, Log, Proposed } from "./log.ts";
import type { Guard } from "./node.ts";
import {
  deletedFailure,
  empty,
  failure,
  googleEmpty,
  identifierOf,
  shared,
  statusOf,
  streams,
  textOf,
  unavailable,
} from "./protocol.ts";

type Message = AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage;

const proposedOf = (message: Message): Proposed => ({
  id: message.getId()?.getString() ?? "",
  type: message.getMetadataMap().get("type") ?? "",
  json: message.getMetadataMap().get("content-type") === "application/json",
  data: message.getData_asU8(),
  metadata: message.getCustomMetadata_asU8(),
});

type Exact = { hasNoStream: () => boolean; hasAny: () => boolean; hasStreamExists: () => boolean };

export function expectedOf(options: Exact, revision: () => string): Expected {
  if (options.hasAny()) return "any";
  if (options.hasNoStream()) return "none";
  return options.hasStreamExists() ? "exists" : Number(revision());
}

type Asked = { stream: string; expected: Expected; events: Proposed[] };

/** Appends as the faults will have it; nothing where nobody is to be answered. */
async function appended(
  log: Log,
  { faults, storeLater }: Misbehaviour,
  { stream, expected, events }: Asked,
): Promise<AppendOutcome | "lost" | undefined> {
  const fault = faults.appends.shift();
  const store = () => log.append(stream, expected, events);
  if (fault === "refused") return "lost";
  if (fault === "late") {
    storeLater(store);
    return undefined;
  }
  const outcome = await store();
  if (fault === "fatal") process.kill(process.pid, "SIGKILL");
  if (fault === "unanswered") return undefined;
  return fault === "lost" ? "lost" : outcome;
}

function conflict(expected: Expected, actual: number | "none") {
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (actual === "none") wrong.setCurrentNoStream(empty());
  else wrong.setCurrentRevision(String(actual));
  if (expected === "none") wrong.setExpectedNoStream(empty());
  else if (expected === "any") wrong.setExpectedAny(empty());
  else if (expected === "exists") wrong.setExpectedStreamExists(empty());
  else wrong.setExpectedRevision(String(expected));
  const answer = new streams.AppendResp();
  answer.setWrongExpectedVersion(wrong);
  return answer;
}

function success({ revision, commit }: AppendOutcome & { kind: "appended" }) {
  const done = new streams.AppendResp.Success();
  done.setCurrentRevision(String(revision));
  if (commit === undefined) done.setNoPosition(empty());
  else {
    const position = new streams.AppendResp.Position();
    position.setCommitPosition(String(commit));
    position.setPreparePosition(String(commit));
    done.setPosition(position);
  }
  const answer = new streams.AppendResp();
  answer.setSuccess(done);
  return answer;
}

/** One append a call. */
export const appendHandler =
  (log: Log, misbehaviour: Misbehaviour, guard: Guard) =>
  async (call: ServerReadableStream<AppendReq, AppendResp>, answer: sendUnaryData<AppendResp>) => {
    const asked: Asked = { stream: "", expected: "any", events: [] };
    try {
      for await (const request of call as AsyncIterable<AppendReq>) {
        const options = request.getOptions();
        const message = request.getProposedMessage();
        if (message) asked.events.push(proposedOf(message));
        if (!options) continue;
        asked.stream = textOf(options.getStreamIdentifier()?.getStreamName() ?? "");
        asked.expected = expectedOf(options, () => options.getRevision());
      }
    } catch {
      // Whoever asked has hung up in the middle of asking: nothing is appended.
      return;
    }
    const refused = guard(call);
    if (refused) return refused === "stalled" ? undefined : answer(refused);
    const outcome = await appended(log, misbehaviour, asked);
    if (outcome === undefined) return;
    if (outcome === "lost") return answer(unavailable());
    if (outcome.kind === "appended") return answer(null, success(outcome));
    if (outcome.kind === "conflict") return answer(null, conflict(asked.expected, outcome.actual));
    if (outcome.kind === "deleted") return answer(deletedFailure(asked.stream));
    answer(
      failure(StatusCode.INVALID_ARGUMENT, "the append is too large", {
        exception: "maximum-append-size-exceeded",
        "maximum-append-size": String(outcome.max),
      }),
    );
  };

function batchConflict(expected: Expected, actual: number | "none") {
  const wrong = new shared.WrongExpectedVersion();
  if (actual === "none") wrong.setCurrentNoStream(googleEmpty());
  else wrong.setCurrentStreamRevision(String(actual));
  if (expected === "none") wrong.setExpectedNoStream(googleEmpty());
  else if (expected === "any") wrong.setExpectedAny(googleEmpty());
  else if (expected === "exists") wrong.setExpectedStreamExists(googleEmpty());
  else wrong.setExpectedStreamPosition(String(expected));
  return statusOf(StatusCode.FAILED_PRECONDITION, "conflict", wrong, "WrongExpectedVersion");
}

function batchError(asked: Asked, outcome: Exclude<AppendOutcome, { kind: "appended" }>) {
  if (outcome.kind === "conflict") return batchConflict(asked.expected, outcome.actual);
  if (outcome.kind === "deleted") {
    const deleted = new shared.StreamDeleted();
    deleted.setStreamIdentifier(identifierOf(asked.stream));
    return statusOf(StatusCode.FAILED_PRECONDITION, "deleted", deleted, "StreamDeleted");
  }
  const tooLarge = new shared.MaximumAppendSizeExceeded();
  tooLarge.setMaxappendsize(outcome.max);
  const type = "MaximumAppendSizeExceeded";
  return statusOf(StatusCode.INVALID_ARGUMENT, "too large", tooLarge, type);
}

const timedOut = () =>
  statusOf(StatusCode.DEADLINE_EXCEEDED, "too late", new shared.Timeout(), "Timeout");

function batchSuccess({ revision, commit }: AppendOutcome & { kind: "appended" }) {
  const done = new streams.BatchAppendResp.Success();
  done.setCurrentRevision(String(revision));
  if (commit === undefined) done.setNoPosition(googleEmpty());
  else {
    const position = new shared.AllStreamPosition();
    position.setCommitPosition(String(commit));
    position.setPreparePosition(String(commit));
    done.setPosition(position);
  }
  return done;
}

type Batch = Asked & { id: NonNullable<ReturnType<BatchAppendReq["getCorrelationId"]>>; by: Date };

function batchOf(request: BatchAppendReq): Batch {
  const options = request.getOptions();
  const id = request.getCorrelationId();
  if (!options || !id) throw new Error("a batch begins with its options");
  return {
    id,
    stream: textOf(options.getStreamIdentifier()?.getStreamName() ?? ""),
    expected: expectedOf(options, () => options.getStreamPosition()),
    events: [],
    by: options.getDeadline()?.toDate() ?? new Date(8.64e15),
  };
}

/** Many appends over one call, each in one or more parts, each answered by its correlation id. */
export const batchAppendHandler =
  (log: Log, misbehaviour: Misbehaviour, guard: Guard) =>
  (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>) => {
    const open = new Map<string, Batch>();
    const end = misbehaviour.reading(() => call.emit("error", unavailable()));

    async function finish(asked: Batch) {
      const refused = guard(call);
      if (refused === "stalled") return;
      if (refused) return call.emit("error", refused);
      const answer = new streams.BatchAppendResp();
      answer.setCorrelationId(asked.id);
      answer.setStreamIdentifier(identifierOf(asked.stream));
      if (asked.by.getTime() < Date.now()) {
        answer.setError(timedOut());
        return call.write(answer);
      }
      const outcome = await appended(log, misbehaviour, asked);
      if (outcome === undefined) return;
      if (outcome === "lost") return call.emit("error", unavailable());
      if (outcome.kind === "appended") answer.setSuccess(batchSuccess(outcome));
      else answer.setError(batchError(asked, outcome));
      call.write(answer);
    }

    call.on("data", (request: BatchAppendReq) => {
      const key = request.getCorrelationId()?.getString() ?? "";
      const asked = open.get(key) ?? batchOf(request);
      open.set(key, asked);
      asked.events.push(...request.getProposedMessagesList().map(proposedOf));
      if (!request.getIsFinal()) return;
      open.delete(key);
      finish(asked);
    });
    call.on("end", () => call.end());
    call.on("close", end);
    call.on("cancelled", end);
  };
