/** How the hub talks to any outside system: what a connector declares, reads and writes. Two kinds implement it today: HTTP manifests and files. */
import type { BudgetState } from './rate-budget.js';
import type { IdentityNumber } from '../domain/identity-number.js';
import type { Day, Month, MonthRange } from '../domain/month.js';
import type { Role } from '../domain/situation.js';
import type { Stream, StreamItems } from '../domain/records.js';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Kinds of write a connector can declare; also the kinds of operation in the ledger. */
export const WRITE_KINDS = ['status', 'bases', 'order-state', 'declaration', 'back-payment'] as const;
export type WriteKind = (typeof WRITE_KINDS)[number];

/**
 * What a target promises about a write sent twice. `overwrite`: harmless. `keyed`: the idempotency key is honoured for
 * `ttlHours`. `queryable`: it can be asked whether it arrived; an answer is final `maxProcessingMs` after sending.
 * `blind`: neither; never resent by itself.
 */
export type WriteClass =
  | { readonly type: 'overwrite' }
  | { readonly type: 'keyed'; readonly ttlHours: number }
  | { readonly type: 'queryable'; readonly consistent: boolean; readonly maxProcessingMs: number }
  | { readonly type: 'blind' };

/** One traversal of a source; it feeds one or more streams. */
export interface ReadDeclaration {
  readonly name: string;
  readonly streams: readonly Stream[];
  /** Reads of the same connection that must have finished first. */
  readonly after: readonly string[];
  /** Whether a complete read also lists people who left: only then may absence mean "gone". */
  readonly includesLeavers: boolean;
  /** True where given persons can be read alone. */
  readonly targeted: boolean;
  /** Name of the read whose owner keys drive this one in batches; null for plain traversals. */
  readonly ownersFrom: string | null;
  /** Most identity numbers in one question for persons whose key is not known; absent = it cannot be asked so. */
  readonly finds?: number;
}

export interface WriteDeclaration {
  readonly kind: WriteKind;
  readonly class: WriteClass;
  /** Most items in one request; ≥ 1. */
  readonly batch: number;
  /** Of back-payments: the target takes single lines (a month of an insurance), not whole cases. */
  readonly perLine?: boolean;
  /** What it writes lies in a folder until a person hands it in. */
  readonly handedIn?: boolean;
}

export interface ConnectorDeclaration {
  readonly id: string;
  readonly version: string;
  readonly role: Role;
  readonly reads: readonly ReadDeclaration[];
  readonly writes: readonly WriteDeclaration[];
}

/** One normalised item of one person (`ownerKey` = that system's id of the person). */
export type StreamRecord = {
  readonly [S in Stream]: {
    readonly stream: S;
    readonly ownerKey: string;
    /** Distinguishes items of one owner and stream; equal keys are revisions of one item. */
    readonly itemKey: string;
    readonly item: StreamItems[S];
    /** Only on `persons`: who this is, checked; null where the system does not tell. */
    readonly identity: S extends 'persons' ? IdentityNumber | null : null;
  };
}[Stream];

/** A row that could not become records. It never stops the page. */
export interface RejectedRow {
  readonly stream: Stream;
  readonly ownerKey: string | null;
  /** Closed code: `identity-shape`, `identity-check-character`, `missing-field`, `not-money`, `not-a-month`, `unknown-code` … */
  readonly reason: string;
  /** The field of the manifest that failed, for example `identity` or `grossFen`. */
  readonly field: string;
  /** The raw row as received; stored encrypted, never logged. */
  readonly raw: Json;
}

export interface ReadPage {
  readonly records: readonly StreamRecord[];
  readonly rejected: readonly RejectedRow[];
  /** Rows the source sent on this page, before expansion. */
  readonly rowCount: number;
  /** Where to go on after this page has been committed; null = the traversal is over. */
  readonly next: Json | null;
  /** Set on the last page only. */
  readonly end: ReadEnd | null;
  /** Missing or unexpected fields, counted by name: schema drift. */
  readonly drift: Readonly<Record<string, number>>;
}

/** Whether the traversal provably saw everything. Only `complete` reads may conclude absence. */
export type ReadEnd =
  | { readonly complete: true; readonly declaredTotal: number | null }
  | { readonly complete: false; readonly reason: IncompleteReason };
export type IncompleteReason =
  | 'end-not-proved'
  | 'repeated-page'
  | 'repeated-cursor'
  | 'total-mismatch'
  | 'page-cap'
  | 'unexpected-answer'
  | 'stale-file'
  | 'source-changed';

export interface ReadRequest {
  readonly read: string;
  /** Months whose facts are wanted; reads without a window ignore it. */
  readonly window: MonthRange & { readonly until: Month };
  readonly asOf: Day;
  /** Where a former run stopped; null = from the start. */
  readonly cursor: Json | null;
  /** Only these persons (targeted read); null = everybody. */
  readonly owners: readonly string[] | null;
  /** Only whoever has one of these numbers, where the read `finds`; `owners` is null then. Others may come along and are to be left out. */
  readonly identities?: readonly IdentityNumber[];
  /** Streams owner keys in a stable order for reads declared with `ownersFrom`; `after` is exclusive. */
  readonly listOwners: (after: string | null, limit: number) => Promise<readonly string[]>;
  readonly signal: AbortSignal;
}

export interface WriteItem {
  readonly operationId: string;
  readonly idempotencyKey: string;
  readonly ownerKey: string;
  /** The values the write template may use: status, bases, orderId, orderState, insurance, baseFen, effectiveMonth … */
  readonly values: Readonly<Record<string, Json>>;
}

/** What became of one item. `unknown`: it may or may not have arrived. */
export type WriteOutcome =
  | { readonly operationId: string; readonly outcome: 'accepted'; readonly remoteRef: string | null }
  | { readonly operationId: string; readonly outcome: 'rejected'; readonly code: string; readonly message: string }
  | { readonly operationId: string; readonly outcome: 'retry'; readonly code: string; readonly waitMs: number | null }
  | { readonly operationId: string; readonly outcome: 'unknown'; readonly code: string };

export interface WriteRequest {
  readonly kind: WriteKind;
  readonly items: readonly WriteItem[];
  readonly signal: AbortSignal;
}

export type QueryOutcome = 'found' | 'not-found' | 'cannot-tell';

export type CheckReport =
  | { readonly ok: true; readonly detail: string }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** One configured, open connection. Every call passes the guard. */
export interface Connection {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly declaration: ConnectorDeclaration;
  /** Reachability and credentials, with one cheap call. Never throws for an outside failure. */
  check(signal: AbortSignal): Promise<CheckReport>;
  /** Pages in order; throws ConnectorError. A page may be committed before the next is asked for (fetch-ahead ≤ 2). */
  read(request: ReadRequest): AsyncIterable<ReadPage>;
  /** One request to the target with ≤ `batch` items; one outcome per item, in order. Never throws after bytes may have left: it reports `unknown`. */
  write(request: WriteRequest): Promise<readonly WriteOutcome[]>;
  /** Whether an operation arrived; only for writes of class `queryable`. */
  query(kind: WriteKind, item: WriteItem, signal: AbortSignal): Promise<QueryOutcome>;
  /** How its budgets of requests stand; absent where it has none. */
  budgets?(): Promise<readonly BudgetState[]>;
  close(): Promise<void>;
}

/** What a connection is opened with; secrets are plain here and nowhere else. */
export interface ConnectionOptions {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly config: Readonly<Record<string, string | number | boolean>>;
  readonly secrets: Readonly<Record<string, string>>;
}
