/** From what to what judgements change: persons by status, cells by situation. Pure. */
import type { Situation } from '../domain/situation.js';
import { type Month, addMonths } from '../domain/month.js';
import { situationsOf, type StoredCells } from './cell-letters.js';

export interface Transition {
  readonly of: 'status' | 'situation';
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

/** One judgement as it is stored; `cells` is JSON text. */
export interface JudgedRow {
  readonly windowFrom: string;
  readonly status: string;
  readonly cells: string;
}

/** What was not judged, or is not any more. */
const NONE = 'none';

export class TransitionCounts {
  private readonly counts = new Map<string, number>();

  /** `before` null = judged for the first time. What stayed as it was is not counted. */
  add(before: JudgedRow | null, after: JudgedRow): void {
    this.count('status', before?.status ?? NONE, after.status);
    if (before?.cells === after.cells && before.windowFrom === after.windowFrom) return;
    const former = before === null ? new Map<string, Situation>() : situationsByCell(before);
    for (const [cell, situation] of situationsByCell(after)) {
      this.count('situation', former.get(cell) ?? NONE, situation);
      former.delete(cell);
    }
    // A month that slid out of the window changed nothing.
    for (const [cell, situation] of former)
      if (monthOf(cell) >= after.windowFrom) this.count('situation', situation, NONE);
  }

  /** In order of their keys, so that batches beside each other lock their rows in the same order. */
  all(): readonly Transition[] {
    return [...this.counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, count]) => {
        const [of, from = NONE, to = NONE] = key.split('\n');
        return { of: of === 'status' ? 'status' : 'situation', from, to, count };
      });
  }

  private count(of: Transition['of'], from: string, to: string): void {
    if (from === to) return;
    const key = `${of}\n${from}\n${to}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
}

function situationsByCell({ windowFrom, cells }: JudgedRow): Map<string, Situation> {
  const found = new Map<string, Situation>();
  for (const [employmentId, insurance, letters] of (JSON.parse(cells) as StoredCells).rows)
    situationsOf(letters).forEach((situation, at) =>
      found.set(`${employmentId}\n${insurance}\n${addMonths(windowFrom as Month, at)}`, situation),
    );
  return found;
}

function monthOf(cell: string): string {
  return cell.slice(cell.lastIndexOf('\n') + 1);
}
