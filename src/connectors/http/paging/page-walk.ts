/** How far one listing has been walked, and why it ended: the end rules, totals and repetition checks of every paging style. */
import type { IncompleteReason } from '../../port.js';
import type { Pager, PageReply, Position } from './pager.js';

/** Where a walk stands between two pages; stored in the checkpoint. */
export interface WalkState {
  readonly position: Position;
  readonly pages: number;
  readonly rows: number;
  /** The newest total that the system declared. */
  readonly total: number | null;
  /** Print of the newest page. */
  readonly print: string | null;
}

export const WALK_START: WalkState = { position: null, pages: 0, rows: 0, total: null, print: null };

export type WalkStep =
  | { readonly type: 'next'; readonly state: WalkState }
  | { readonly type: 'complete'; readonly total: number | null }
  | { readonly type: 'incomplete'; readonly reason: IncompleteReason; readonly isRepeated: boolean };

export interface WalkedPage extends Omit<PageReply, 'position' | 'rowsSeen'> {
  readonly print: string;
}

export interface WalkOptions {
  readonly pager: Pager;
  readonly start: WalkState;
  /** False where the request cannot say where to begin: then there is one page, and it must be the last. */
  readonly canAdvance: boolean;
}

export class PageWalk {
  private state: WalkState;
  private readonly prints = new Set<string>();
  private readonly positions = new Set<Position>();

  constructor(private readonly options: WalkOptions) {
    this.state = options.start;
    if (options.start.print !== null) this.prints.add(options.start.print);
  }

  get place(): WalkState {
    return this.state;
  }

  /** Takes the page at the present place and tells what follows. */
  take(page: WalkedPage): WalkStep {
    const { pager, canAdvance } = this.options;
    const before = this.state;
    if (page.rowCount > 0 && this.prints.has(page.print))
      return { type: 'incomplete', reason: 'repeated-page', isRepeated: true };
    if (page.rowCount > 0) this.prints.add(page.print);
    const rows = before.rows + page.rowCount;
    const total = pager.totalOf(page.body) ?? before.total;
    const verdict = pager.judge({ ...page, position: before.position, rowsSeen: rows });
    if (verdict.type === 'end') return canAdvance ? ended(verdict.proved, rows, total) : ended(true, rows, total);
    if (!canAdvance) return incomplete('end-not-proved');
    if (this.isKnown(verdict.position, before.position)) return incomplete('repeated-cursor');
    if (before.pages + 1 >= pager.maxPages) return incomplete('page-cap');
    this.state = { position: verdict.position, pages: before.pages + 1, rows, total, print: page.print };
    return { type: 'next', state: this.state };
  }

  /** A scroll may keep its id; every other position stands for one page only. */
  private isKnown(position: Position, before: Position): boolean {
    if (this.options.pager.type === 'scroll') return false;
    if (position === before || this.positions.has(position)) return true;
    this.positions.add(position);
    return false;
  }
}

function ended(proved: boolean, rows: number, total: number | null): WalkStep {
  if (total !== null && total !== rows) return incomplete('total-mismatch');
  return proved || total !== null ? { type: 'complete', total } : incomplete('end-not-proved');
}

function incomplete(reason: IncompleteReason): WalkStep {
  return { type: 'incomplete', reason, isRepeated: false };
}
