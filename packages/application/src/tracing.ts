import type { NewEvent } from "@daybook/adapters";
import { type RecordedEvent, Refusal } from "@daybook/domain";
import {
  type Attributes,
  type Context,
  context,
  isValidTraceId,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import type { Envelope } from "./commands/command-path.ts";
import { deriveId } from "./commands/ids.ts";

/*
 * The way of a request through all processes, as OpenTelemetry tells it (https://opentelemetry.io).
 * What follows from a command is worked on elsewhere and later, by whoever reads its events; they
 * come to the same trace by what an event holds anyway. A correlation id is as long as a trace id,
 * and is taken for it. The span of an append has its id from the first event that it appends, and
 * so every later span knows under which it belongs.
 *
 * Spans tell names of the program's own, counts and ids: nothing about people, so no error's text.
 */

type Ids = { traceId?: string | undefined; spanId?: string | undefined };

/** Newest traces of a batch that are told of it: a batch of more is of somebody who catches up. */
const TRACES_MAX = 32;

let tracer: Tracer | undefined;
let wanted: Ids = {};

/** From now on spans are made; until then, nothing here costs anything. */
export function traceBy(provider: TracerProvider): void {
  tracer = provider.getTracer("daybook");
}

/** The ids that the span being started is to have, for the provider's generator of ids. */
export const wantedIds = (): Readonly<Ids> => wanted;

const traceIdOf = (uuid: unknown): string | undefined => {
  const id = String(uuid).replaceAll("-", "").toLowerCase();
  return isValidTraceId(id) ? id : undefined;
};

/** Half of a UUID, the half that is random. */
const spanIdOf = (uuid: string): string => uuid.replaceAll("-", "").slice(16);

/** Where the append of an event stands in its trace. */
function appendOf({ stream, meta }: RecordedEvent): Context {
  const traceId = traceIdOf(meta.correlationId);
  if (!traceId) return ROOT_CONTEXT;
  const spanId = spanIdOf(deriveId(meta.commandId, stream, 0));
  const place = { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
  return trace.setSpanContext(ROOT_CONTEXT, place);
}

function start(by: Tracer, name: string, options: SpanOptions, within: Context, ids: Ids): Span {
  wanted = ids;
  try {
    return by.startSpan(name, options, within);
  } finally {
    wanted = {};
  }
}

/** A refusal is an answer like any other; all else is a fault. */
function fail(span: Span, error: unknown) {
  const isRefusal = error instanceof Refusal;
  span.setAttribute("error.type", isRefusal ? error.code : (error as Error).name);
  if (!isRefusal) span.setStatus({ code: SpanStatusCode.ERROR });
}

type Start = SpanOptions & { within?: Context; ids?: Ids };

async function inSpan<T>(name: string, given: Start, work: () => Promise<T>): Promise<T> {
  if (!tracer) return work();
  const { within = context.active(), ids = {}, ...options } = given;
  const span = start(tracer, name, options, within, ids);
  try {
    return await context.with(trace.setSpan(within, span), work);
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    // By the same clock as it began: the wall clock shows milliseconds, and a query takes less.
    span.end(performance.now());
  }
}

/** Says more of what is being done. */
export const annotate = (attributes: Attributes): void => {
  if (tracer) trace.getActiveSpan()?.setAttributes(attributes);
};

export type TracedRequest = {
  method: "GET" | "POST";
  /** One of the program's own. */
  route: string;
  /** As it came: a command's tells its trace. */
  input: unknown;
  /** The reading of `performance.now()` when it came. */
  since: number;
};

/** One request of a client: the start of a trace. */
export function traced<T>(
  request: TracedRequest,
  work: () => Promise<T>,
  statusOf: (answer: T) => number,
): Promise<T> {
  if (!tracer) return work();
  const { method, route, input, since } = request;
  const { commandId } = (input ?? {}) as { commandId?: unknown };
  return inSpan(
    `${method} ${route}`,
    {
      ...{ kind: SpanKind.SERVER, startTime: since, root: true },
      ids: { traceId: traceIdOf(commandId) },
      attributes: { "http.request.method": method, "http.route": route },
    },
    async () => {
      const answer = await work();
      const status = statusOf(answer);
      annotate({ "http.response.status_code": status });
      if (status >= 500) trace.getActiveSpan()?.setStatus({ code: SpanStatusCode.ERROR });
      return answer;
    },
  );
}

/** A command, in the trace of its correlation: of one that is another's, a link tells where. */
export function tracedCommand<T>(
  type: string,
  { commandId, correlationId = commandId }: Envelope,
  work: () => Promise<T>,
): Promise<T> {
  if (!tracer) return work();
  const traceId = traceIdOf(correlationId);
  const asking = trace.getSpanContext(context.active());
  if (asking && asking.traceId === traceId) return inSpan(`command ${type}`, {}, work);
  const links = asking ? [{ context: asking }] : [];
  return inSpan(`command ${type}`, { root: true, ids: { traceId }, links }, work);
}

export function tracedAppend<T>(events: readonly NewEvent[], work: () => Promise<T>): Promise<T> {
  const [first] = events;
  if (!tracer || !first) return work();
  const attributes = { "daybook.events": events.length };
  return inSpan("append", { ids: { spanId: spanIdOf(first.id) }, attributes }, work);
}

/** What follows from one event. */
export function tracedAfter<T>(
  event: RecordedEvent,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!tracer) return work();
  return inSpan(name, { within: appendOf(event) }, work);
}

/** What is done for many events at once, in the trace of each. */
export async function tracedBatch(
  name: string,
  events: () => readonly RecordedEvent[],
  work: () => Promise<void>,
): Promise<void> {
  if (!tracer) return work();
  const by = tracer;
  const traces = Map.groupBy(events(), ({ meta }) => meta.correlationId);
  const spans = [...traces.values()].slice(-TRACES_MAX).map((of) => {
    const options = { attributes: { "daybook.events": of.length } };
    return start(by, name, options, appendOf(of[0] as RecordedEvent), {});
  });
  try {
    await work();
  } catch (error) {
    for (const span of spans) fail(span, error);
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}
