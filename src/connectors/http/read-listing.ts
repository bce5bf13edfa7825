/** How a plain read walks its windows one after the other, page by page, fetching one page ahead. */
import type { IncompleteReason, ReadPage, ReadRequest } from '../port.js';
import type { CompiledRead } from './compiled-read.js';
import type { Exchange } from './exchange.js';
import { fetchPage, type FetchedPage } from './fetch-page.js';
import type { MappedPage } from './mapping/read-mapper.js';
import { PageWalk, WALK_START, type WalkState, type WalkStep } from './paging/page-walk.js';
import { readWindows, type ReadWindow } from './paging/read-windows.js';
import { listingCursor, listingPlace } from './read-place.js';
import type { TemplateValues } from './template.js';

export interface ListingTools {
  readonly exchange: Exchange;
  readonly read: CompiledRead;
  /** Values every template of the read sees beside its window and position: `config`, `asOf`. */
  readonly values: TemplateValues;
}

const NOTHING: MappedPage = { records: [], rejected: [], drift: {} };

/** Pages in order. Throws ConnectorError. Stops fetching when the caller stops asking. */
export async function* readListing(tools: ListingTools, request: ReadRequest): AsyncGenerator<ReadPage, void, void> {
  const windows = readWindows(request.window, tools.read.spec.window);
  if (windows.length === 0)
    return yield { ...NOTHING, rowCount: 0, next: null, end: { complete: true, declaredTotal: null } };
  const stop = new AbortController();
  const run = new ListingRun(
    { tools, windows, signal: AbortSignal.any([request.signal, stop.signal]) },
    listingPlace(request.cursor, windows),
  );
  try {
    for (;;) {
      const page = await run.nextPage();
      yield page;
      if (page.end !== null) return;
    }
  } finally {
    stop.abort();
  }
}

interface RunContext {
  readonly tools: ListingTools;
  readonly windows: readonly ReadWindow[];
  readonly signal: AbortSignal;
}

class ListingRun {
  private windowIndex: number;
  private walk: PageWalk;
  private readonly traversal;
  private arriving: Promise<FetchedPage>;
  private declaredTotal: number | null = 0;

  constructor(
    private readonly context: RunContext,
    resumed: ReturnType<typeof listingPlace>,
  ) {
    this.windowIndex = resumed?.windowIndex ?? 0;
    // The totals of windows that a former run finished are not known any more.
    if (this.windowIndex > 0) this.declaredTotal = null;
    this.walk = this.newWalk(resumed?.walk ?? WALK_START);
    this.traversal = context.tools.read.mapper.beginTraversal();
    this.arriving = this.fetch();
  }

  async nextPage(): Promise<ReadPage> {
    const page = await this.arriving;
    const { mapper } = this.context.tools.read;
    if (page.missingPath !== null)
      return broken({ rowCount: 0, reason: 'unexpected-answer', drift: { [page.missingPath]: 1 } });
    const step = this.walk.take(page);
    if (step.type === 'incomplete' && step.isRepeated)
      return broken({ rowCount: page.rowCount, reason: step.reason, drift: {} });
    const ending = this.follow(step);
    const mapped = mapper.mapPage(page.rows, this.traversal);
    const next =
      ending === null
        ? listingCursor({ windowIndex: this.windowIndex, walk: this.walk.place }, this.context.windows)
        : null;
    return {
      records: mapped.records,
      rejected: mapped.rejected,
      drift: mapped.drift,
      rowCount: page.rowCount,
      next,
      end: ending,
    };
  }

  /** Starts fetching what follows; null while something follows. */
  private follow(step: WalkStep): ReadPage['end'] {
    switch (step.type) {
      case 'incomplete':
        return { complete: false, reason: step.reason };
      case 'complete': {
        this.declaredTotal =
          this.declaredTotal === null || step.total === null ? null : this.declaredTotal + step.total;
        if (this.windowIndex + 1 >= this.context.windows.length)
          return { complete: true, declaredTotal: this.declaredTotal };
        this.windowIndex += 1;
        this.walk = this.newWalk(WALK_START);
        break;
      }
      case 'next':
        break;
    }
    this.arriving = this.fetch();
    // Whoever stops asking never sees it; a failure then must not end the whole program.
    this.arriving.catch(() => undefined);
    return null;
  }

  private newWalk(start: WalkState): PageWalk {
    const { pager, canAdvance } = this.context.tools.read.listing;
    return new PageWalk({ pager, canAdvance, start });
  }

  private fetch(): Promise<FetchedPage> {
    const { tools, windows, signal } = this.context;
    const values = { ...tools.values, window: windows[this.windowIndex] };
    const { read } = tools;
    return fetchPage(tools.exchange, {
      read,
      listing: read.listing,
      position: this.walk.place.position,
      values,
      mayBeAbsent: false,
      signal,
    });
  }
}

function broken(ended: {
  readonly rowCount: number;
  readonly reason: IncompleteReason;
  readonly drift: Readonly<Record<string, number>>;
}): ReadPage {
  const { rowCount, reason, drift } = ended;
  return { records: [], rejected: [], rowCount, drift, next: null, end: { complete: false, reason } };
}
