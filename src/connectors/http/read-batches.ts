/** How a read of given persons walks their ids in batches: all windows and pages of a batch become one page of the port. */
import pLimit from 'p-limit';
import type { IncompleteReason, ReadPage, ReadRequest } from '../port.js';
import type { Listing } from './compiled-read.js';
import { fetchPage } from './fetch-page.js';
import { PageWalk, WALK_START } from './paging/page-walk.js';
import { readWindows, type ReadWindow } from './paging/read-windows.js';
import type { ListingTools } from './read-listing.js';
import { ownerCursor, ownerPlace } from './read-place.js';

export interface BatchTools extends ListingTools {
  /** Windows of one batch fetched at the same time. */
  readonly concurrency: number;
  readonly listing: Listing;
  /** Owners in one request. */
  readonly batch: number;
}

/** What a batch and one window brought. */
interface Harvest {
  readonly rows: readonly unknown[];
  readonly total: number | null;
  readonly failure: IncompleteReason | null;
  readonly missingPath: string | null;
}

interface BatchResult {
  readonly owners: readonly string[];
  readonly harvests: readonly Harvest[];
}

/** Pages in the order of the owners. Throws ConnectorError. The next batch is fetched while this one is committed. */
export async function* readBatches(tools: BatchTools, request: ReadRequest): AsyncGenerator<ReadPage, void, void> {
  const stop = new AbortController();
  const run = new BatchRun(tools, request, AbortSignal.any([request.signal, stop.signal]));
  try {
    let owners = await run.ownersAfter(ownerPlace(request.cursor));
    if (owners.length === 0) return yield emptyEnd();
    let arriving = run.fetch(owners);
    for (;;) {
      const result = await arriving;
      const page = run.pageOf(result);
      if (page.end !== null) return yield page;
      owners = await run.ownersAfter(result.owners.at(-1) ?? null);
      if (owners.length === 0) return yield { ...page, end: { complete: true, declaredTotal: null } };
      arriving = run.fetch(owners);
      yield { ...page, next: ownerCursor(result.owners.at(-1) ?? '') };
    }
  } finally {
    stop.abort();
  }
}

function emptyEnd(): ReadPage {
  return {
    records: [],
    rejected: [],
    rowCount: 0,
    drift: {},
    next: null,
    end: { complete: true, declaredTotal: null },
  };
}

class BatchRun {
  private readonly windows: readonly ReadWindow[];
  private readonly traversal;
  private readonly limit;

  constructor(
    private readonly tools: BatchTools,
    private readonly request: ReadRequest,
    private readonly signal: AbortSignal,
  ) {
    this.windows = readWindows(request.window, tools.read.spec.window);
    this.traversal = tools.read.mapper.beginTraversal();
    this.limit = pLimit(tools.concurrency);
  }

  async ownersAfter(after: string | null): Promise<readonly string[]> {
    const { owners, listOwners } = this.request;
    const { batch } = this.tools;
    if (owners === null) return listOwners(after, batch);
    const distinct = [...new Set(owners)];
    const start = after === null ? 0 : distinct.indexOf(after) + 1;
    return distinct.slice(start, start + batch);
  }

  fetch(owners: readonly string[]): Promise<BatchResult> {
    const arriving = Promise.all(this.windows.map((window) => this.limit(() => this.harvest(owners, window)))).then(
      (harvests) => ({ owners, harvests }),
    );
    // Whoever stops asking never sees it; a failure then must not end the whole program.
    arriving.catch(() => undefined);
    return arriving;
  }

  /** Everything one window says about a batch. */
  private async harvest(owners: readonly string[], window: ReadWindow): Promise<Harvest> {
    const { exchange, read, listing, values, batch } = this.tools;
    const walk = new PageWalk({ pager: listing.pager, canAdvance: listing.canAdvance, start: WALK_START });
    const rows: unknown[] = [];
    const pageValues = { ...values, window, owners, owner: owners[0] };
    for (;;) {
      const page = await fetchPage(exchange, {
        read,
        listing,
        position: walk.place.position,
        values: pageValues,
        mayBeAbsent: batch === 1,
        signal: this.signal,
      });
      if (page.missingPath !== null)
        return { rows, total: null, failure: 'unexpected-answer', missingPath: page.missingPath };
      const step = walk.take(page);
      if (step.type === 'incomplete' && step.isRepeated)
        return { rows, total: null, failure: step.reason, missingPath: null };
      for (const row of page.rows) rows.push(row);
      if (step.type === 'incomplete') return { rows, total: null, failure: step.reason, missingPath: null };
      if (step.type === 'complete') return { rows, total: step.total, failure: null, missingPath: null };
    }
  }

  /** One page from all windows. Rows of persons nobody asked about are left out and end the read as incomplete. */
  pageOf({ owners, harvests }: BatchResult): ReadPage {
    const { mapper } = this.tools.read;
    const received = harvests.flatMap((harvest) => harvest.rows);
    const fitting = inOrderOf(owners, received, (row) => mapper.ownerOf(row));
    const mapped = mapper.mapPage(fitting, this.traversal);
    const drift: Record<string, number> = { ...mapped.drift };
    for (const { missingPath } of harvests)
      if (missingPath !== null) drift[missingPath] = (drift[missingPath] ?? 0) + 1;
    const failure =
      harvests.find((harvest) => harvest.failure !== null)?.failure ??
      (fitting.length < received.length ? 'unexpected-answer' : null);
    const { records, rejected } = mapped;
    return {
      records,
      rejected,
      drift,
      rowCount: received.length,
      next: null,
      end: failure === null ? null : { complete: false, reason: failure },
    };
  }
}

/**
 * The rows of these owners, each owner's together, as windows bring them; rows of nobody last, rows of others left out. What
 * belongs to one person is then encoded in one piece (measured with three windows of wages: half the time of encoding).
 */
function inOrderOf(
  owners: readonly string[],
  rows: readonly unknown[],
  ownerOf: (row: unknown) => string | null,
): readonly unknown[] {
  const byOwner = new Map<string | null, unknown[]>([...owners, null].map((owner) => [owner, []]));
  for (const row of rows) byOwner.get(ownerOf(row))?.push(row);
  return [...byOwner.values()].flat();
}
