/** How the rows of chosen files become pages in a fixed order, resumable, and complete only where every file was whole, fresh and the same to the end. */
import type { ReadMapper, Traversal } from '../http/mapping/read-mapper.js';
import type { IncompleteReason, Json, ReadEnd, ReadPage, ReadRequest } from '../port.js';
import { z } from 'zod';
import { stampOf, type ChosenFile, type ChosenFiles } from './choose-files.js';
import type { FileRead } from './file-manifest.schema.js';
import { tableRows, type TableRow } from './table-rows.js';

export interface FileReading {
  readonly read: FileRead;
  readonly mapper: ReadMapper;
  readonly choose: () => Promise<ChosenFiles>;
}

const ROWS_PER_PAGE = 1000;

/** How many rows of which state of the files have been taken. */
const placeSchema = z.object({ stamp: z.string(), rows: z.number().int().min(0) });

/** Throws ConnectorError. The rows of given persons are picked out of the same files. */
export async function* readFiles(reading: FileReading, request: ReadRequest): AsyncGenerator<ReadPage, void, void> {
  const { read, mapper, choose } = reading;
  const { files, isFresh } = await choose();
  const stamp = files.map((file) => `${file.name}:${file.stamp}`).join('|');
  const place = placeSchema.safeParse(request.cursor);
  if (place.success && place.data.stamp !== stamp) return yield broken('source-changed');
  const owners = request.owners === null ? null : new Set(request.owners);
  const paging = new PageMaker(mapper, stamp, place.success ? place.data.rows : 0);
  for (const file of files) {
    for await (const row of tableRows(file.path, read, request.signal)) {
      const page = paging.take(row, owners === null || owners.has(mapper.ownerOf(row) ?? ''));
      if (page !== null) yield page;
    }
  }
  yield paging.last(await endOf(files, isFresh));
}

async function endOf(files: readonly ChosenFile[], isFresh: boolean): Promise<ReadEnd> {
  for (const file of files)
    if ((await stampOf(file.path)) !== file.stamp) return { complete: false, reason: 'source-changed' };
  return isFresh ? { complete: true, declaredTotal: null } : { complete: false, reason: 'stale-file' };
}

class PageMaker {
  private readonly traversal: Traversal;
  private rows: TableRow[] = [];
  private seen = 0;

  constructor(
    private readonly mapper: ReadMapper,
    private readonly stamp: string,
    /** Rows that an earlier run has committed. */
    private readonly skipped: number,
  ) {
    this.traversal = mapper.beginTraversal();
  }

  /** A page when it is full. */
  take(row: TableRow, isWanted: boolean): ReadPage | null {
    this.seen += 1;
    if (this.seen <= this.skipped) {
      // Revisions of one item may lie on both sides of the place where the earlier run ended.
      this.mapper.mapPage([row], this.traversal);
      return null;
    }
    if (isWanted) this.rows.push(row);
    return this.rows.length < ROWS_PER_PAGE ? null : this.page({ stamp: this.stamp, rows: this.seen }, null);
  }

  last(end: ReadEnd): ReadPage {
    return this.page(null, end);
  }

  private page(next: Json | null, end: ReadEnd | null): ReadPage {
    const { records, rejected, drift } = this.mapper.mapPage(this.rows, this.traversal);
    const rowCount = this.rows.length;
    this.rows = [];
    return { records, rejected, drift, rowCount, next, end };
  }
}

function broken(reason: IncompleteReason): ReadPage {
  return { records: [], rejected: [], rowCount: 0, drift: {}, next: null, end: { complete: false, reason } };
}
