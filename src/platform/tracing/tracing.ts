/** How a node tells what it did as spans of OpenTelemetry; without `tracing` in hub.yaml this file is all that is loaded of it. */

/** Closed: a new span is thought about here, where whoever reads the traces looks. */
export type SpanName = 'run' | 'read.page' | 'reconcile.batch' | 'push.operations' | 'http.call';

/** Ids, closed words and counts. Never a person: neither a number nor a name, and no key of one in a system. */
export interface SpanFacts {
  readonly tenant?: string;
  readonly connection?: string;
  readonly run?: string;
  /** A read of the manifest. */
  readonly read?: string;
  /** Of a write, a run or a request: a word of the manifest or of a closed list. */
  readonly kind?: string;
  readonly outcome?: string;
  readonly pages?: number;
  readonly rows?: number;
  readonly changed?: number;
  readonly persons?: number;
  readonly operations?: number;
  readonly status?: number;
}

export interface OpenSpan {
  /** What is known only at the end. */
  tell(facts: SpanFacts): void;
}

export interface Tracing {
  span<T>(name: SpanName, facts: SpanFacts, work: (span: OpenSpan) => Promise<T>): Promise<T>;
  /** Sends what is left, for a few seconds at most; safe to call twice. */
  close(): Promise<void>;
}

const SILENT: OpenSpan = { tell: () => undefined };
const OFF: Tracing = { span: (_name, _facts, work) => work(SILENT), close: () => Promise.resolve() };

let current: Tracing = OFF;

/** Of the process: spans of one piece of work find each other across rooms, which know nothing of each other. */
export function useTracing(tracing: Tracing): void {
  current = tracing;
}

export async function endTracing(): Promise<void> {
  const ending = current;
  current = OFF;
  await ending.close();
}

/** Does the work inside a span, where traces are wanted; what it throws is told by its code alone, and thrown on. */
export function traced<T>(name: SpanName, facts: SpanFacts, work: (span: OpenSpan) => Promise<T>): Promise<T> {
  return current.span(name, facts, work);
}
