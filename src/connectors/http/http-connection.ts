/** How a manifest and a connection's configuration become the port's Connection: reads, writes, queries and the check over HTTP. */
import { HubError } from '../../domain/hub-error.js';
import type { IdentityNumber } from '../../domain/identity-number.js';
import { addMonths, monthOfDay } from '../../domain/month.js';
import { dayInZone, type Clock } from '../../platform/clock/clock.js';
import { ConnectorError } from '../connector-error.js';
import type {
  CheckReport,
  Connection,
  ConnectionOptions,
  ConnectorDeclaration,
  QueryOutcome,
  ReadPage,
  ReadRequest,
  WriteItem,
  WriteKind,
  WriteOutcome,
  WriteRequest,
} from '../port.js';
import { WRITE_KINDS } from '../port.js';
import type { BudgetState, SharedRateBudget } from '../rate-budget.js';
import { IDENTITIES_VARIABLE, compileRead, declareRead, type CompiledRead } from './compiled-read.js';
import { compileRequest } from './compile-request.js';
import { CompiledWrite } from './compiled-write.js';
import type { Exchange } from './exchange.js';
import { fetchPage } from './fetch-page.js';
import type { Manifest } from './manifest.schema.js';
import { compileValuePath } from './mapping/compile-path.js';
import { scalarText } from './mapping/scalar-text.js';
import { readWindows } from './paging/read-windows.js';
import { readBatches } from './read-batches.js';
import { readListing, type ListingTools } from './read-listing.js';
import { outcomesOfFault } from './write-fault.js';
import type { QuerySpec, Write } from './write.schema.js';

export interface HttpConnectionOptions extends Pick<ConnectionOptions, 'tenantId' | 'connectionId' | 'config'> {
  readonly manifest: Manifest;
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly budget?: SharedRateBudget | null;
  readonly close?: () => Promise<void>;
}

/** What a manifest declares to the rest of the hub. */
export function declareConnector(manifest: Manifest): ConnectorDeclaration {
  return {
    id: manifest.id,
    version: manifest.version,
    role: manifest.role,
    reads: Object.entries(manifest.reads).map(([name, read]) => declareRead(name, read)),
    writes: WRITE_KINDS.flatMap((kind) => {
      const write = manifest.writes[kind];
      return write === undefined ? [] : [{ kind, class: write.class, batch: write.batch, ...perLine(kind, write) }];
    }),
  };
}

function perLine(kind: WriteKind, { lines }: Write): { readonly perLine?: true } {
  return kind === 'back-payment' && lines === undefined ? { perLine: true } : {};
}

export class HttpConnection implements Connection {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly declaration: ConnectorDeclaration;
  private readonly reads = new Map<string, CompiledRead>();
  private readonly writes = new Map<WriteKind, CompiledWrite>();

  /** Compiles every template and mapping. Throws HubError `bad-template`. */
  constructor(private readonly options: HttpConnectionOptions) {
    const { manifest, config } = options;
    this.tenantId = options.tenantId;
    this.connectionId = options.connectionId;
    this.declaration = declareConnector(manifest);
    for (const name of Object.keys(manifest.reads)) this.reads.set(name, compileRead(manifest, name, config));
    for (const kind of WRITE_KINDS) {
      const write = manifest.writes[kind];
      if (write !== undefined) this.writes.set(kind, new CompiledWrite(kind, write, { manifest, config }));
    }
  }

  async check(signal: AbortSignal): Promise<CheckReport> {
    const startedMs = performance.now();
    try {
      const told = await this.ask(signal);
      return { ok: true, detail: `${told} in ${Math.round(performance.now() - startedMs)} ms` };
    } catch (error) {
      if (error instanceof HubError) return { ok: false, code: error.code, message: error.message };
      return {
        ok: false,
        code: 'internal',
        message: `The check of connection ${this.connectionId} failed in an unforeseen way; report it with the log lines of this connection.`,
      };
    }
  }

  /** Throws HubError `unknown-read`; `not-targeted`, `not-findable` where persons cannot be asked for so. */
  read(request: ReadRequest): AsyncIterable<ReadPage> {
    const read = this.readNamed(request.read);
    const { exchange, manifest, config } = this.options;
    const tools = { exchange, read, values: { config, asOf: request.asOf } };
    const { concurrency } = manifest.limits;
    if (request.identities !== undefined) return this.find(tools, request, request.identities);
    if (request.owners !== null) {
      if (read.targeted === null)
        throw this.refused(
          'not-targeted',
          `The read ${read.name} cannot ask for given persons; add "targeted" to it in the manifest.`,
        );
      return readBatches({ ...tools, concurrency, listing: read.targeted, batch: read.targeted.batch }, request);
    }
    if (read.spec.owners !== undefined)
      return readBatches({ ...tools, concurrency, listing: read.listing, batch: read.spec.owners.batch }, request);
    return readListing(tools, request);
  }

  private find(
    tools: ListingTools,
    request: ReadRequest,
    identities: readonly IdentityNumber[],
  ): AsyncIterable<ReadPage> {
    const { read, values } = tools;
    if (read.find === null)
      throw this.refused(
        'not-findable',
        `The read ${read.name} cannot look for identity numbers; add "find" to it in the manifest.`,
      );
    const asked = { ...values, [IDENTITIES_VARIABLE]: identities.map(({ number }) => number) };
    return readListing({ ...tools, read: { ...read, listing: read.find }, values: asked }, request);
  }

  async write(request: WriteRequest): Promise<readonly WriteOutcome[]> {
    const write = this.writeOf(request.kind);
    if (request.items.length > write.spec.batch)
      throw this.refused(
        'batch-too-large',
        `The write ${request.kind} takes ${write.spec.batch} items a request, not ${request.items.length}.`,
      );
    const rendered = request.items.map((item) => write.render(item));
    const sendable = rendered.filter((one) => 'rendered' in one);
    const outcomes = new Map<string, WriteOutcome>();
    for (const one of rendered) if ('outcome' in one) outcomes.set(one.item.operationId, one.outcome);
    if (sendable.length > 0) {
      for (const outcome of await this.send(write, sendable, request.signal))
        outcomes.set(outcome.operationId, outcome);
    }
    return request.items.map(
      ({ operationId }) => outcomes.get(operationId) ?? { operationId, outcome: 'unknown', code: 'not-listed' },
    );
  }

  async query(kind: WriteKind, item: WriteItem, signal: AbortSignal): Promise<QueryOutcome> {
    const write = this.writeOf(kind);
    const { query } = write.spec;
    try {
      const built = write.buildQuery(item);
      if (built === null || query === undefined) return 'cannot-tell';
      const reply = await this.options.exchange.send({ ...built, name: `${kind}-query`, idempotent: true }, signal);
      return judgeQuery(
        query,
        reply.body,
        query.matches === undefined ? null : write.matchedValue(item, query.matches),
      );
    } catch (error) {
      if (error instanceof ConnectorError) return error.category === 'NOT_FOUND' ? 'not-found' : 'cannot-tell';
      if (error instanceof HubError) return 'cannot-tell';
      throw error;
    }
  }

  async budgets(): Promise<readonly BudgetState[]> {
    return (await this.options.budget?.state()) ?? [];
  }

  async close(): Promise<void> {
    await this.options.close?.();
  }

  private async send(
    write: CompiledWrite,
    sendable: Parameters<CompiledWrite['build']>[0],
    signal: AbortSignal,
  ): Promise<readonly WriteOutcome[]> {
    const items = sendable.map(({ item }) => item);
    const { type } = write.spec.class;
    const built = attempted(() => write.build(sendable));
    if (!built.ok)
      return items.map(({ operationId }) => ({
        operationId,
        outcome: 'rejected',
        code: built.error.code,
        message: built.error.message,
      }));
    try {
      const reply = await this.options.exchange.send(
        { ...built.value, name: write.kind, idempotent: type === 'overwrite' || type === 'keyed' },
        signal,
      );
      return write.outcomes(items, reply.body);
    } catch (error) {
      return outcomesOfFault(items, error);
    }
  }

  /** One cheap call: the `check` request, or the first page of the first plain read. Tells what came. */
  private async ask(signal: AbortSignal): Promise<string> {
    const { exchange, manifest, config, clock } = this.options;
    const asOf = dayInZone(clock.now());
    if (manifest.check !== undefined) {
      const variables = ['asOf', ...Object.keys(manifest.config).map((name) => `config.${name}`)];
      const request = compileRequest(manifest.check.request, { variables, codes: manifest.codes }, 'check.request');
      const reply = await exchange.send(
        { ...request.build({ config, asOf }), name: 'check', idempotent: true },
        signal,
      );
      return `answered with HTTP ${reply.status}`;
    }
    const read = [...this.reads.values()].find((candidate) => candidate.spec.owners === undefined);
    if (read === undefined)
      throw this.refused(
        'nothing-to-check',
        'The manifest has no read that needs no owners; add a "check" request to it.',
      );
    const open = monthOfDay(asOf);
    const [window] = readWindows({ from: open, until: addMonths(open, 1) }, read.spec.window);
    const page = await fetchPage(exchange, {
      read,
      listing: read.listing,
      position: null,
      values: { config, asOf, window },
      mayBeAbsent: false,
      signal,
    });
    if (page.missingPath !== null)
      throw new ConnectorError({
        fault: 'drift',
        saying: `no list of rows at ${page.missingPath} in the read ${read.name}`,
      });
    return `the read ${read.name} answered with ${page.rowCount} rows`;
  }

  private readNamed(name: string): CompiledRead {
    const read = this.reads.get(name);
    if (read === undefined)
      throw this.refused(
        'unknown-read',
        `There is no read "${name}"; the manifest has ${[...this.reads.keys()].join(', ')}.`,
      );
    return read;
  }

  private writeOf(kind: WriteKind): CompiledWrite {
    const write = this.writes.get(kind);
    if (write === undefined) throw this.refused('unknown-write', `The manifest declares no write "${kind}".`);
    return write;
  }

  private refused(code: string, message: string): HubError {
    return new HubError({
      code,
      next: 'bug',
      message: `Connection ${this.connectionId}: ${message}`,
      detail: { connectionId: this.connectionId },
    });
  }
}

type Attempted<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: HubError };

/** A template that cannot turn a value is the item's fault, not the program's. */
function attempted<T>(build: () => T): Attempted<T> {
  try {
    return { ok: true, value: build() };
  } catch (error) {
    if (error instanceof HubError) return { ok: false, error };
    throw error;
  }
}

function judgeQuery(query: QuerySpec, body: unknown, wanted: string | null): QueryOutcome {
  if (query.rows !== undefined && query.key !== undefined) {
    const rows = compileValuePath(query.rows)(body);
    if (!Array.isArray(rows) || wanted === null) return 'cannot-tell';
    const key = compileValuePath(query.key);
    return rows.some((row) => scalarText(key(row)) === wanted) ? 'found' : 'not-found';
  }
  if (query.found !== undefined && query.found.in.includes(valueAt(query.found.path, body))) return 'found';
  if (query.notFound !== undefined && query.notFound.in.includes(valueAt(query.notFound.path, body)))
    return 'not-found';
  return 'cannot-tell';
}

function valueAt(path: string, body: unknown): string | number | boolean | null {
  const value = compileValuePath(path)(body);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
