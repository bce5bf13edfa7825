/** An outside system in memory behind the real port: what it holds is set by tests, how it is read is the port's contract. */
import { ConnectorError } from '../../src/connectors/connector-error.js';
import { HubError } from '../../src/domain/hub-error.js';
import { type IdentityNumber, residentCheckCharacter } from '../../src/domain/identity-number.js';
import type { Stream, StreamItems } from '../../src/domain/records.js';
import type { Role } from '../../src/domain/situation.js';
import type {
  Connection,
  ConnectorDeclaration,
  ReadDeclaration,
  ReadEnd,
  ReadPage,
  ReadRequest,
  RejectedRow,
  StreamRecord,
} from '../../src/connectors/port.js';

export interface SourceOptions {
  readonly tenantId?: string;
  readonly connectionId: string;
  readonly role?: Role;
  readonly reads: readonly (Partial<ReadDeclaration> & Pick<ReadDeclaration, 'name' | 'streams'>)[];
  /** Records per page; small, so that owners are spread over pages. */
  readonly pageSize?: number;
}

type Row = { readonly record: StreamRecord } | { readonly rejected: RejectedRow };

/** Rows in the order in which they were put; a read sends those of its streams. */
export class MemorySource implements Connection {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly declaration: ConnectorDeclaration;
  /** How a walk ends; default: complete. */
  end: ReadEnd = { complete: true, declaredTotal: null };
  /** Throws instead of giving this page (from 0, counted over the whole walk). */
  failAtPage: number | null = null;
  /** Fails whenever this person is asked for. */
  failFor: string | null = null;
  /** Called before each page is given. */
  beforePage: (read: string, page: number) => void | Promise<void> = () => undefined;
  rows: Row[] = [];
  readonly requests: ReadRequest[] = [];
  private readonly pageSize: number;

  constructor(options: SourceOptions) {
    this.tenantId = options.tenantId ?? 'company-a';
    this.connectionId = options.connectionId;
    this.pageSize = options.pageSize ?? 3;
    const reads = options.reads.map((read) => ({
      after: [],
      includesLeavers: true,
      targeted: true,
      ownersFrom: null,
      ...read,
    }));
    this.declaration = {
      id: `memory-${options.connectionId}`,
      version: '1.0.0',
      role: options.role ?? 'payroll',
      reads,
      writes: [],
    };
  }

  person(ownerKey: string, identity: IdentityNumber | null, item: Partial<StreamItems['persons']> = {}): this {
    return this.push({ stream: 'persons', ownerKey, itemKey: '', item: { name: '某人', ...item }, identity });
  }

  fact<S extends Exclude<Stream, 'persons'>>(
    stream: S,
    ownerKey: string,
    fact: { readonly key: string; readonly item: StreamItems[S] },
  ): this {
    return this.push({
      stream,
      ownerKey,
      itemKey: fact.key,
      item: fact.item,
      identity: null,
    } as unknown as StreamRecord);
  }

  reject(row: Omit<RejectedRow, 'field'>): this {
    this.rows.push({ rejected: { field: 'identity', ...row } });
    return this;
  }

  /** Takes away every row of an owner, or those of one stream. */
  forget(ownerKey: string, stream?: Stream): this {
    this.rows = this.rows.filter((row) => {
      const of = 'record' in row ? row.record : row.rejected;
      return of.ownerKey !== ownerKey || (stream !== undefined && of.stream !== stream);
    });
    return this;
  }

  check(): Promise<{ readonly ok: true; readonly detail: string }> {
    return Promise.resolve({ ok: true, detail: 'in memory' });
  }

  async *read(request: ReadRequest): AsyncIterable<ReadPage> {
    this.requests.push(request);
    const rows = this.rowsOf(request);
    let at = typeof request.cursor === 'number' ? request.cursor : 0;
    do {
      const page = at / this.pageSize;
      await this.beforePage(request.read, page);
      request.signal.throwIfAborted();
      if (this.failFor !== null && request.owners?.includes(this.failFor) === true)
        throw new ConnectorError({ fault: 'not-found' });
      if (this.failAtPage === page)
        throw new HubError({ code: 'unavailable', next: 'retry', message: 'The memory source was told to fail.' });
      const slice = rows.slice(at, at + this.pageSize);
      at += this.pageSize;
      const isLast = at >= rows.length;
      yield {
        records: slice.flatMap((row) => ('record' in row ? [row.record] : [])),
        rejected: slice.flatMap((row) => ('rejected' in row ? [row.rejected] : [])),
        rowCount: slice.length,
        next: isLast ? null : at,
        end: isLast ? this.end : null,
        drift: {},
      };
    } while (at < rows.length);
  }

  write(): Promise<never> {
    throw new Error('The memory source is read only.');
  }

  query(): Promise<never> {
    throw new Error('The memory source is read only.');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private push(record: StreamRecord): this {
    this.rows.push({ record });
    return this;
  }

  private rowsOf(request: ReadRequest): readonly Row[] {
    const read = this.declaration.reads.find((candidate) => candidate.name === request.read);
    const owners = request.owners === null ? null : new Set(request.owners);
    return this.rows.filter((row) => {
      const { stream, ownerKey } = 'record' in row ? row.record : row.rejected;
      return (
        (read?.streams.includes(stream) ?? false) && (owners === null || (ownerKey !== null && owners.has(ownerKey)))
      );
    });
  }
}

/** A valid resident number; different for different `no` (0–8999). */
export function residentId(no: number): IdentityNumber {
  const first17 = `4403001990010${1 + Math.floor(no / 1000)}${String(no % 1000).padStart(3, '0')}`;
  return { type: 'resident-id', number: `${first17}${residentCheckCharacter(first17)}` };
}
