import { once } from "node:events";
import type { ReadReq, ReadResp } from "@eventstore/db-client/generated/streams_pb.js";
import { type ServerWritableStream, status as StatusCode } from "@grpc/grpc-js";
import type { Misbehaviour } from "./faults.ts";
import { type Filter, filterOf } from "./filter.ts";
import type { Log, LogEvent } from "./log.ts";
import type { Guard } from "./node.ts";
import {
  deletedFailure,
  failure,
  identifierOf,
  shared,
  streams,
  textOf,
  unavailable,
} from "./protocol.ts";

type Call = ServerWritableStream<ReadReq, ReadResp>;
type Options = ReadReq.Options;

const TICKS_PER_MS = 10_000n;

function recorded(event: LogEvent) {
  const id = new shared.UUID();
  id.setString(event.id);
  const message = new streams.ReadResp.ReadEvent.RecordedEvent();
  message.setId(id);
  message.setStreamIdentifier(identifierOf(event.stream));
  message.setStreamRevision(String(event.revision));
  message.setCommitPosition(String(event.commit));
  message.setPreparePosition(String(event.commit));
  const type = event.json ? "application/json" : "application/octet-stream";
  message.getMetadataMap().set("type", event.type);
  message.getMetadataMap().set("content-type", type);
  message.getMetadataMap().set("created", String(BigInt(event.createdMs) * TICKS_PER_MS));
  message.setCustomMetadata(event.metadata);
  message.setData(event.data);
  return message;
}

/** What a link points to: `revision@stream`. */
async function target(log: Log, link: LogEvent): Promise<LogEvent | undefined> {
  const [, revision, stream = ""] = /^(\d+)@(.+)$/.exec(Buffer.from(link.data).toString()) ?? [];
  for await (const event of log.readStream(stream, Number(revision), false))
    return event.revision === Number(revision) ? event : undefined;
  return undefined;
}

function eventAnswer(event: LogEvent, linked?: LogEvent) {
  const read = new streams.ReadResp.ReadEvent();
  read.setCommitPosition(String(event.commit));
  read.setEvent(recorded(linked ?? event));
  if (linked) read.setLink(recorded(event));
  const answer = new streams.ReadResp();
  answer.setEvent(read);
  return answer;
}

function checkpoint(commit: number) {
  const at = new streams.ReadResp.Checkpoint();
  at.setCommitPosition(String(commit));
  at.setPreparePosition(String(commit));
  const answer = new streams.ReadResp();
  answer.setCheckpoint(at);
  return answer;
}

function confirmation() {
  const confirmed = new streams.ReadResp.SubscriptionConfirmation();
  confirmed.setSubscriptionId(crypto.randomUUID());
  const answer = new streams.ReadResp();
  answer.setConfirmation(confirmed);
  return answer;
}

function caughtUp() {
  const answer = new streams.ReadResp();
  answer.setCaughtUp(new streams.ReadResp.CaughtUp());
  return answer;
}

function notFound(stream: string) {
  const missing = new streams.ReadResp.StreamNotFound();
  missing.setStreamIdentifier(identifierOf(stream));
  const answer = new streams.ReadResp();
  answer.setStreamNotFound(missing);
  return answer;
}

const streamOf = (options: Options): string | undefined =>
  options.hasStream()
    ? textOf(options.getStream()?.getStreamIdentifier()?.getStreamName() ?? "")
    : undefined;

/** Where to begin: a revision or a position, or nothing for the end that the direction begins at. */
function startOf(options: Options): number | "end" | undefined {
  const from = options.getStream() ?? options.getAll();
  if (from?.hasEnd()) return "end";
  if (options.getStream()?.hasRevision()) return Number(options.getStream()?.getRevision());
  const position = options.getAll()?.getPosition();
  return position && Number(position.getCommitPosition());
}

/** A promise only where it has to be waited for. */
type Send = (answer: ReadResp) => Promise<unknown> | undefined;

async function sendEvent(log: Log, event: LogEvent, options: Options, send: Send) {
  const isLink = options.getResolveLinks() && event.type === "$>";
  await send(eventAnswer(event, isLink ? await target(log, event) : undefined));
}

async function read(log: Log, options: Options, send: Send, upTo: number) {
  const stream = streamOf(options);
  const backwards = options.getReadDirection() === 1;
  const start = startOf(options);
  if (stream !== undefined) {
    const missing = log.missing(stream);
    if (missing === "deleted") throw deletedFailure(stream);
    if (missing === "not found") return send(notFound(stream));
  }
  // Forwards from the end there is nothing, backwards from the start but the first of a stream.
  if (start === "end" && !backwards) return;
  const from = start === "end" ? undefined : (start ?? (backwards ? 0 : undefined));
  let left = Number(options.getCount());
  if (left === 0) return;
  const events =
    stream === undefined ? log.readAll(from, backwards) : log.readStream(stream, from, backwards);
  for await (const event of events) {
    if (event.commit > upTo) continue;
    await sendEvent(log, event, options, send);
    if (--left === 0) return;
  }
}

const isBehind = (event: LogEvent, stream: string | undefined, from: number | undefined) =>
  stream === undefined || (event.stream === stream && event.revision > (from ?? -1));

/** Counts what was looked at, matching or not, and tells when a position is due. */
function checkpoints({ window, interval }: Filter) {
  let looked = 0;
  return () => ++looked % (window * interval) === 0;
}

async function subscribe(log: Log, options: Options, send: Send, signal: AbortSignal) {
  const stream = streamOf(options);
  const start = startOf(options);
  const filter = filterOf(options.getFilter());
  const isDue = checkpoints(filter);
  const after = stream === undefined ? start : undefined;
  await send(confirmation());
  let told = false;
  const head = await log.head();
  const from = start === "end" ? head : (after ?? 0);
  for await (const { events, live } of log.subscribe(Number(from), signal)) {
    for (const event of events) {
      if (!isBehind(event, stream, start === "end" ? undefined : start)) continue;
      if (filter.matches(event)) await sendEvent(log, event, options, send);
      if (filter.given && isDue()) await send(checkpoint(event.commit));
    }
    if (!live || told) continue;
    told = true;
    const last = events.at(-1);
    if (filter.given && last) await send(checkpoint(last.commit));
    await send(caughtUp());
  }
}

/** Reads and subscriptions, which are one call in the protocol. */
export const readHandler =
  (log: Log, misbehaviour: Misbehaviour, guard: Guard, isLeader: () => boolean) =>
  async (call: Call) => {
    const refused = guard(call);
    if (refused) return refused === "stalled" ? undefined : call.emit("error", refused);
    const options = call.request.getOptions();
    const abort = new AbortController();
    let answers = 0;
    const stop = (error?: object) => {
      if (abort.signal.aborted) return;
      abort.abort();
      end();
      if (error) call.emit("error", error);
    };
    const end = misbehaviour.reading(() => stop(unavailable()));
    call.on("cancelled", () => stop());
    call.on("close", () => stop());

    function send(answer: ReadResp) {
      const { dropAfter, stalled } = misbehaviour.faults;
      if (dropAfter !== undefined && answers++ >= dropAfter) stop(unavailable());
      abort.signal.throwIfAborted();
      if (stalled) return once(abort.signal, "abort");
      // Who reads slowly is waited for.
      return call.write(answer) ? undefined : once(call, "drain", { signal: abort.signal });
    }

    try {
      if (!options) throw failure(StatusCode.INVALID_ARGUMENT, "there are no options");
      if (options.hasSubscription()) await subscribe(log, options, send, abort.signal);
      // A follower does not have the newest event yet.
      else await read(log, options, send, (await log.head()) - (isLeader() ? 0 : 1));
      if (!abort.signal.aborted) call.end();
    } catch (error) {
      if (abort.signal.aborted) return;
      const isStatus = typeof (error as { code?: unknown }).code === "number";
      stop(isStatus ? (error as object) : failure(StatusCode.UNKNOWN, (error as Error).message));
    } finally {
      end();
    }
  };
