import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

type Attribute = { key: string; value: Record<string, unknown> };
type SentSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  links?: { traceId: string; spanId: string }[];
};
type Sent = {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: { spans: SentSpan[] }[];
  }[];
};

export type CollectedSpan = SentSpan & {
  /** The name of the service that sent it. */
  service: unknown;
  /** The names from the start of the trace to this span. */
  path: string;
  values: Record<string, unknown>;
};

const valuesOf = (attributes: readonly Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

/** Takes traces by OTLP over HTTP, as JSON, as a collector does. */
export async function traceCollector() {
  const bodies: string[] = [];
  const heads: IncomingHttpHeaders[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(await text(request));
    heads.push(request.headers);
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  function spans(): CollectedSpan[] {
    const sent = bodies.flatMap((body) =>
      (JSON.parse(body) as Sent).resourceSpans.flatMap(({ resource, scopeSpans }) => {
        const service = valuesOf(resource.attributes)["service.name"];
        return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, service })));
      }),
    );
    const byId = new Map(sent.map((span) => [span.traceId + span.spanId, span]));
    const pathOf = ({ traceId, parentSpanId, name }: SentSpan): string => {
      const above = parentSpanId && byId.get(traceId + parentSpanId);
      if (above) return `${pathOf(above)} > ${name}`;
      return parentSpanId ? `unknown > ${name}` : name;
    };
    return sent.map((span) => ({ ...span, path: pathOf(span), values: valuesOf(span.attributes) }));
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    /** The spans of the trace that a command's id names. */
    traceOf: (commandId: string) =>
      spans().filter(({ traceId }) => traceId === commandId.replaceAll("-", "")),
    /** All that was sent here, as it was sent. */
    everything: () => bodies.join("\n"),
    headers: () => heads,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
