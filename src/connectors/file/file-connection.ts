/** How a manifest of files and a folder become the port's Connection: lists that people or jobs put there are read, workbooks are written for them to upload. */
import { access, constants } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { HubError } from '../../domain/hub-error.js';
import { systemCode } from '../../platform/config/config-error.js';
import { dayInZone, type Clock } from '../../platform/clock/clock.js';
import { STREAMS } from '../../domain/records.js';
import { ConnectorError } from '../connector-error.js';
import type { Guard } from '../guard.js';
import { ReadMapper } from '../http/mapping/read-mapper.js';
import { outcomesOfFault } from '../http/write-fault.js';
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
import { chooseFiles } from './choose-files.js';
import { faultOfFolder } from './file-faults.js';
import type { FileManifest, FileRead, FileWrite } from './file-manifest.schema.js';
import { fillBatch, type FilledBatch } from './filled-values.js';
import { fillWorkbook } from './fill-workbook.js';
import { readFiles } from './read-files.js';
import { WrittenFiles } from './written-files.js';

export interface FileConnectionOptions extends Pick<ConnectionOptions, 'tenantId' | 'connectionId'> {
  readonly manifest: FileManifest;
  /** Where the manifest lies; templates are seen from there. */
  readonly manifestPath: string;
  readonly config: ConnectionOptions['config'];
  /** Absolute. */
  readonly folder: string;
  readonly guard: Guard;
  readonly clock: Clock;
}

/** Filling or choosing files is local work; a disk that does not answer in this time is broken. */
const CALL_DEADLINE_MS = 120_000;
/** Identity numbers that one look through a file may be for. */
const MOST_FOUND = 500;

/** What a manifest declares to the rest of the hub. A note beside the files says whether something was written: every write can be asked for. */
export function declareFileConnector(manifest: FileManifest): ConnectorDeclaration {
  return {
    id: manifest.id,
    version: manifest.version,
    role: manifest.role,
    reads: Object.entries(manifest.reads).map(([name, read]) => ({
      name,
      streams: STREAMS.filter((stream) => read.emit[stream] !== undefined),
      after: read.after,
      includesLeavers: read.includesLeavers,
      targeted: true,
      ownersFrom: null,
      // The file names everybody: whoever is looked for is picked out of it.
      ...(read.emit.persons?.fields['identity'] === undefined ? {} : { finds: MOST_FOUND }),
    })),
    writes: WRITE_KINDS.flatMap((kind) => {
      const write = manifest.writes[kind];
      return write === undefined
        ? []
        : [
            {
              kind,
              class: { type: 'queryable', consistent: true, maxProcessingMs: 0 } as const,
              batch: write.batch,
              handedIn: true,
              // A row of the workbook is a month of an insurance.
              ...(kind === 'back-payment' ? { perLine: true } : {}),
            },
          ];
    }),
  };
}

export class FileConnection implements Connection {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly declaration: ConnectorDeclaration;
  private readonly mappers = new Map<string, ReadMapper>();
  private readonly written: WrittenFiles;

  constructor(private readonly options: FileConnectionOptions) {
    const { manifest, config } = options;
    this.tenantId = options.tenantId;
    this.connectionId = options.connectionId;
    this.declaration = declareFileConnector(manifest);
    this.written = new WrittenFiles(options.folder);
    for (const [name, read] of Object.entries(manifest.reads))
      this.mappers.set(name, new ReadMapper({ ...read, rows: '.' }, { codes: manifest.codes, config }));
  }

  /** Looks into the folder; says how many reads have their file. */
  async check(signal: AbortSignal): Promise<CheckReport> {
    const reads = Object.values(this.options.manifest.reads);
    try {
      await this.guarded('check', signal, () => access(this.options.folder, constants.R_OK | constants.W_OK));
      for (const read of reads) await this.choose(read);
      return { ok: true, detail: `the folder holds the files of ${reads.length} reads` };
    } catch (error) {
      if (error instanceof HubError) return { ok: false, code: error.code, message: error.message };
      throw error;
    }
  }

  /** Throws HubError `unknown-read`. */
  read(request: ReadRequest): AsyncIterable<ReadPage> {
    const read = this.options.manifest.reads[request.read];
    const mapper = this.mappers.get(request.read);
    if (read === undefined || mapper === undefined)
      throw this.refused('unknown-read', `There is no read "${request.read}".`);
    return readFiles(
      { read, mapper, choose: () => this.guarded(request.read, request.signal, () => this.choose(read)) },
      request,
    );
  }

  async write({ kind, items, signal }: WriteRequest): Promise<readonly WriteOutcome[]> {
    const write = this.writeOf(kind);
    if (items.length > write.batch)
      throw this.refused(
        'batch-too-large',
        `The write ${kind} takes ${write.batch} items a file, not ${items.length}.`,
      );
    const outcomes = new Map<string, WriteOutcome>();
    try {
      const missing: WriteItem[] = [];
      for (const item of items) {
        if (await this.written.holds(item.idempotencyKey)) outcomes.set(item.operationId, accepted(item));
        else missing.push(item);
      }
      if (missing.length > 0) await this.writeFile({ kind, write, items: missing, signal }, outcomes);
    } catch (error) {
      // Whatever was noted is found again by the query; the rest provably was not written.
      const left = items.filter(({ operationId }) => !outcomes.has(operationId));
      for (const outcome of faultOutcomes(left, error)) outcomes.set(outcome.operationId, outcome);
    }
    return items.map(
      ({ operationId }) => outcomes.get(operationId) ?? { operationId, outcome: 'unknown', code: 'not-listed' },
    );
  }

  async query(kind: WriteKind, item: WriteItem): Promise<QueryOutcome> {
    this.writeOf(kind);
    try {
      return (await this.written.holds(item.idempotencyKey)) ? 'found' : 'not-found';
    } catch {
      return 'cannot-tell';
    }
  }

  async close(): Promise<void> {
    // Nothing is held open between calls.
  }

  private async writeFile(
    batch: Omit<WriteRequest, 'items'> & { readonly write: FileWrite; readonly items: readonly WriteItem[] },
    outcomes: Map<string, WriteOutcome>,
  ): Promise<void> {
    const { kind, write, items, signal } = batch;
    const { manifest, manifestPath, config, clock } = this.options;
    const filled = fillBatch(items, { kind, manifest, write, config, today: dayInZone(clock.now()) });
    for (const outcome of filled.refused) outcomes.set(outcome.operationId, outcome);
    if (filled.items.length === 0) return;
    const bytes = await fillWorkbook(resolve(dirname(manifestPath), write.template), write, filled);
    await this.guarded(kind, signal, () => this.commit(filled, bytes));
    for (const item of filled.items) outcomes.set(item.operationId, accepted(item));
  }

  private commit({ batchId, file, items }: FilledBatch, bytes: Buffer): Promise<void> {
    return this.written.write(batchId, bytes, { file, idempotencyKeys: items.map((item) => item.idempotencyKey) });
  }

  private choose(read: FileRead): ReturnType<typeof chooseFiles> {
    const { folder, clock, manifest } = this.options;
    return chooseFiles(folder, read, { nowMs: clock.now().getTime(), maxFileBytes: manifest.maxFileBytes });
  }

  private guarded<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const attempt = (): Promise<T> =>
      work().catch((error: unknown) => {
        throw faultOfFolder(error);
      });
    return this.options.guard.call(name, attempt, { deadlineMs: CALL_DEADLINE_MS, idempotent: true, signal });
  }

  private writeOf(kind: WriteKind): FileWrite {
    const write = this.options.manifest.writes[kind];
    if (write === undefined) throw this.refused('unknown-write', `The manifest declares no write "${kind}".`);
    return write;
  }

  private refused(code: string, message: string): HubError {
    const { connectionId } = this;
    return new HubError({
      code,
      next: 'bug',
      message: `Connection ${connectionId}: ${message}`,
      detail: { connectionId },
    });
  }
}

/** Without a reference: the office gives its number only when somebody has handed the file in. */
function accepted({ operationId }: WriteItem): WriteOutcome {
  return { operationId, outcome: 'accepted', remoteRef: null };
}

/** A template that cannot be filled stays so; a disk that failed may have kept the note. */
function faultOutcomes(items: readonly WriteItem[], error: unknown): readonly WriteOutcome[] {
  if (error instanceof ConnectorError) return outcomesOfFault(items, error.with({ mayHaveArrived: true }));
  if (error instanceof HubError && error.next === 'fix-config')
    return items.map(({ operationId }) => ({
      operationId,
      outcome: 'rejected',
      code: error.code,
      message: error.message,
    }));
  return items.map(({ operationId }) => ({ operationId, outcome: 'unknown', code: systemCode(error) }));
}
