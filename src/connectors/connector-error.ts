/** How a failed outside call is told to the rest of the hub: one error with category, action, scope and stage. */
import { HubError, type SafeDetail } from '../domain/hub-error.js';
import { faultMeaning, type Action, type Category, type FaultName, type Scope, type Stage } from './error-table.js';

/** Which call of which connection failed. */
export interface CallPlace {
  readonly tenantId: string;
  readonly connectionId: string;
  /** Name of the read or write. */
  readonly call: string;
}

export interface ConnectorErrorOptions {
  readonly fault: FaultName;
  /** HTTP status of the reply; null or left out where none came. */
  readonly status?: number | null;
  /** How long to leave the system alone, in ms. */
  readonly waitMs?: number | null;
  /** Overrides the table where the thrower knows better. */
  readonly mayHaveArrived?: boolean;
  readonly stage?: Stage;
  readonly action?: Action;
  /** Safe words that sharpen the table's text, for example `expected JSON, got text/html`. */
  readonly saying?: string;
  readonly detail?: SafeDetail;
  /** What the system itself said. May hold personal facts: shown to people with rights, never logged. */
  readonly remoteText?: string | null;
  readonly place?: CallPlace;
}

/**
 * Thrown for every failed outside call. `code` is the fault's name in the error table. Carries no foreign error as its
 * cause: those hold URLs, headers and bodies.
 */
export class ConnectorError extends HubError {
  declare readonly code: FaultName;
  readonly category: Category;
  readonly action: Action;
  readonly scope: Scope;
  readonly stage: Stage;
  /** How long to wait before the next attempt, in ms; null = no time was named. */
  readonly waitMs: number | null;
  readonly status: number | null;
  /** False only where the target provably did not act on the request. */
  readonly mayHaveArrived: boolean;
  readonly #options: ConnectorErrorOptions;

  constructor(options: ConnectorErrorOptions) {
    const meaning = faultMeaning(options.fault);
    super({ code: options.fault, next: meaning.next, message: messageOf(options), detail: detailOf(options) });
    this.name = 'ConnectorError';
    this.category = meaning.category;
    this.action = options.action ?? meaning.action;
    this.scope = meaning.scope;
    this.stage = options.stage ?? meaning.stage;
    this.waitMs = options.waitMs ?? null;
    this.status = options.status ?? null;
    this.mayHaveArrived = options.mayHaveArrived ?? meaning.mayHaveArrived;
    this.#options = options;
  }

  /** What the system itself said, or null. May hold personal facts: never log it. */
  get remoteText(): string | null {
    return this.#options.remoteText ?? null;
  }

  /** The same error with some facts replaced, for example its place. */
  with(changes: Partial<ConnectorErrorOptions>): ConnectorError {
    return new ConnectorError({ ...this.#options, ...changes });
  }
}

function messageOf(options: ConnectorErrorOptions): string {
  const meaning = faultMeaning(options.fault);
  const place = options.place ? `Connection ${options.place.connectionId}, ${options.place.call}: ` : '';
  const saying = options.saying ? ` (${options.saying})` : '';
  const status = options.status ? `; HTTP ${options.status}` : '';
  return `${place}${meaning.text}${saying}${status}. ${meaning.advice.charAt(0).toUpperCase()}${meaning.advice.slice(1)}.`;
}

function detailOf(options: ConnectorErrorOptions): SafeDetail {
  return { ...options.detail, ...options.place, ...(options.status ? { status: options.status } : {}) };
}
