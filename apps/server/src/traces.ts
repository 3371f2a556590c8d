import { setTimeout as delay } from "node:timers/promises";
import { traceBy, wantedIds } from "@daybook/application";
import { context, DiagLogLevel, diag } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import { BatchSpanProcessor, RandomIdGenerator, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";

/** How often what has ended is sent: a person who has just done something looks for it. */
const SEND_MS = 1000;
/** How long the end of the program waits for a collector to take the last traces. */
const LAST_MS = 2000;

/** The service as the variables name it, or else as it is called here. */
const resourceOf = (service: string) =>
  defaultResource()
    .merge(resourceFromAttributes({ "service.name": service }))
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }));

/**
 * Sends traces by OTLP over HTTP, as JSON, to where and as the variables of OpenTelemetry say
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). Returns what sends the last.
 */
export function startTraces(service: string, logger: Logger): () => Promise<void> {
  const warn = (message: string) => logger.warn(`traces: ${message}`);
  const pass = () => {};
  // A collector that is away costs the program nothing but its traces; it is said so.
  diag.setLogger({ error: warn, warn, info: pass, debug: pass, verbose: pass }, DiagLogLevel.WARN);
  const random = new RandomIdGenerator();
  const provider = new TracerProvider({
    resource: resourceOf(service),
    idGenerator: {
      generateTraceId: () => wantedIds().traceId ?? random.generateTraceId(),
      generateSpanId: () => wantedIds().spanId ?? random.generateSpanId(),
    },
    spanProcessors: [
      new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), scheduledDelayMillis: SEND_MS }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  traceBy(provider);
  return () => Promise.race([provider.shutdown().catch(pass), delay(LAST_MS)]);
}
