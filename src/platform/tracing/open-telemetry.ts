/** Spans as OpenTelemetry keeps them, sent by OTLP over HTTP to where hub.yaml says. Its libraries are loaded here and only when asked for. */
import { HubError } from '../../domain/hub-error.js';
import type { TracingConfig } from '../config/hub-config.js';
import { revealAll } from '../config/secrets.js';
import type { Log } from '../log/log.js';
import { scrubText } from '../log/scrub.js';
import type { OpenSpan, SpanFacts, Tracing } from './tracing.js';

/** Longer texts are no ids. */
const LONGEST_FACT = 200;
const SEND_WITHIN_MS = 10_000;
/** Spans that wait; beyond, the oldest are lost rather than memory. */
const MOST_WAITING = 2_048;
/** A receiver that is away is told of once in so long. */
const TELL_AGAIN_MS = 60_000;

/** Nothing is sent yet. The hub works whether the receiver does or not. */
export async function openTelemetry(config: TracingConfig, { version, log }: Told): Promise<Tracing> {
  const [api, trace, exporter, resources, hooks] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/context-async-hooks'),
  ]);
  const sender = new exporter.OTLPTraceExporter({
    url: config.endpoint,
    headers: revealAll(config.headers),
    timeoutMillis: SEND_WITHIN_MS,
  });
  const contexts = new hooks.AsyncLocalStorageContextManager().enable();
  api.context.setGlobalContextManager(contexts);
  api.diag.setLogger(lossTeller(log), { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true });
  const provider = new trace.BasicTracerProvider({
    // Named here and not from the environment: a machine's name or a user's variables are nobody's business.
    resource: resources.resourceFromAttributes({ 'service.name': 'buduan', 'service.version': version }),
    sampler: new trace.ParentBasedSampler({ root: new trace.TraceIdRatioBasedSampler(config.samplePercent / 100) }),
    spanProcessors: [new trace.BatchSpanProcessor(sender, { maxQueueSize: MOST_WAITING })],
  });
  const tracer = provider.getTracer('buduan', version);
  let closing: Promise<void> | null = null;
  return {
    span: (name, facts, work) =>
      tracer.startActiveSpan(`buduan.${name}`, { attributes: attributesOf(facts) }, async (span) => {
        const open: OpenSpan = { tell: (more) => void span.setAttributes(attributesOf(more)) };
        try {
          return await work(open);
        } catch (error) {
          span.setStatus({ code: api.SpanStatusCode.ERROR, message: codeOf(error) });
          throw error;
        } finally {
          span.end();
        }
      }),
    close: () =>
      (closing ??= provider
        .shutdown()
        .catch(() => undefined)
        .then(() => {
          api.context.disable();
          api.diag.disable();
        })),
  };
}

interface Told {
  readonly version: string;
  readonly log: Log;
}

/** The names are closed and the values are ids; the scrubber is the second wall. */
function attributesOf(facts: SpanFacts): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(facts as Readonly<Record<string, string | number>>).map(([name, value]) => [
      `buduan.${name}`,
      typeof value === 'number' ? value : scrubText(value.slice(0, LONGEST_FACT)),
    ]),
  );
}

/** Codes are words of closed lists; a message may quote. */
function codeOf(error: unknown): string {
  return error instanceof HubError ? error.code : 'unexpected';
}

/** The library's own words quote replies of the receiver; that spans were lost is what a person needs to know. */
function lossTeller(log: Log): Record<'error' | 'warn' | 'info' | 'debug' | 'verbose', () => void> {
  let toldAtMs = -Infinity;
  const tell = (): void => {
    if (performance.now() - toldAtMs < TELL_AGAIN_MS) return;
    toldAtMs = performance.now();
    log.warn({ component: 'tracing' }, 'Spans could not be delivered and are lost; look at tracing.endpoint.');
  };
  const silent = (): void => undefined;
  return { error: tell, warn: tell, info: silent, debug: silent, verbose: silent };
}
