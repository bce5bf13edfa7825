/** How the hub says what it did: one JSON line per finished unit of work, scrubbed before it is written. */
import { format } from 'node:util';
import {
  type Bindings,
  type ChildLoggerOptions,
  type DestinationStream,
  type LevelWithSilent,
  type Logger,
  destination,
  pino,
  stdTimeFunctions,
} from 'pino';
import { PinoPretty } from 'pino-pretty';
import { isError, scrub, scrubErrorMessage, scrubText } from './scrub.js';

export type Log = Logger;
export type LogLevel = LevelWithSilent;

export interface LogOptions {
  readonly level?: LogLevel;
  /** Lines for people instead of JSON; by default on a terminal. */
  readonly pretty?: boolean;
  /** Default: standard error, written synchronously; standard output belongs to the answers of commands. */
  readonly destination?: DestinationStream;
}

/** A logger whose every line, also of its children, passes the scrubber. */
export function createLog(options: LogOptions = {}): Log {
  const pretty = options.pretty ?? (options.destination === undefined && process.stderr.isTTY);
  const log = pino(
    {
      level: options.level ?? 'info',
      timestamp: stdTimeFunctions.isoTime,
      // Errors arrive here already scrubbed and flat; the default serialiser would rebuild them.
      serializers: { err: (error: unknown) => error },
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(entry, method) {
          method.apply(this, scrubEntry(entry) as Parameters<typeof method>);
        },
      },
    },
    pretty ? prettyStream(options.destination) : (options.destination ?? destination({ fd: 2, sync: true })),
  );
  return withScrubbedBindings(log);
}

/** A logger that writes nothing, for tests and embedding. */
export function silentLog(): Log {
  return createLog({ level: 'silent' });
}

interface BindingMethods {
  readonly child: (this: Log, bindings: Bindings, options?: ChildLoggerOptions) => Log;
  readonly setBindings: (this: Log, bindings: Bindings) => void;
}

/** Bindings reach the line without passing the log hook; children inherit these two methods from their parent. */
function withScrubbedBindings(log: Log): Log {
  const { child, setBindings } = log as unknown as BindingMethods;
  return Object.assign(log, {
    child(this: Log, bindings: Bindings, options?: ChildLoggerOptions): Log {
      return child.call(this, scrub(bindings) as Bindings, options);
    },
    setBindings(this: Log, bindings: Bindings): void {
      setBindings.call(this, scrub(bindings) as Bindings);
    },
  });
}

/** The arguments of a log call as [fields, message]; the message is formatted first, so that patterns see it whole. */
function scrubEntry(entry: readonly unknown[]): readonly unknown[] {
  const [first, ...rest] = entry;
  if (isError(first))
    return [{ err: scrub(first) }, rest.length > 0 ? scrubbedMessage(rest) : scrubErrorMessage(first)];
  if (typeof first === 'object' && first !== null)
    return rest.length > 0 ? [scrub(first), scrubbedMessage(rest)] : [scrub(first)];
  return [scrubbedMessage(entry)];
}

function scrubbedMessage(parts: readonly unknown[]): string {
  return scrubText(format(...parts.map((part) => (typeof part === 'object' ? scrub(part) : part))));
}

function prettyStream(target: DestinationStream | undefined): DestinationStream {
  return PinoPretty({
    colorize: target === undefined,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
    sync: true,
    destination: target ?? 2,
  });
}
