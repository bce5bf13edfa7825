/** Where does a page begin and end? Counts rows per employee once per list and remembers one total per block of employees. */
import type { ActiveFaults } from './faults.js';

const BLOCK = 256;

/** Rows of a list by employee: totals and the employee a row belongs to, without a row in memory. */
export class RowIndex {
  readonly #employees: number;
  readonly #countOf: (index: number) => number;
  #totals: Float64Array | null = null;
  #all = 0;

  constructor(employees: number, countOf: (index: number) => number) {
    this.#employees = employees;
    this.#countOf = countOf;
  }

  /** Rows of the employees below `limit`. */
  total(limit: number): number {
    const totals = this.#build();
    if (limit === this.#employees) return this.#all;
    const block = Math.floor(limit / BLOCK);
    let rows = totals[block] ?? 0;
    for (let index = block * BLOCK; index < limit; index += 1) rows += this.#countOf(index);
    return rows;
  }

  /** The first employee whose first row is row `row` (from 0) or a later one. */
  employeeAt(row: number): number {
    const totals = this.#build();
    let low = 0;
    let high = totals.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((totals[middle] ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    let rows = totals[low] ?? 0;
    let index = low * BLOCK;
    // Employees without rows begin where the next one begins: they may be skipped or not, nothing is served for them.
    while (index < this.#employees && rows < row) {
      rows += this.#countOf(index);
      index += 1;
    }
    return index;
  }

  /** Counts now instead of at the first question. */
  warm(): void {
    this.#build();
  }

  #build(): Float64Array {
    if (this.#totals !== null) return this.#totals;
    const totals = new Float64Array(Math.floor(this.#employees / BLOCK) + 1);
    let rows = 0;
    for (let index = 0; index < this.#employees; index += 1) {
      if (index % BLOCK === 0) totals[index / BLOCK] = rows;
      rows += this.#countOf(index);
    }
    if (this.#employees % BLOCK === 0) totals[this.#employees / BLOCK] = rows;
    this.#totals = totals;
    this.#all = rows;
    return totals;
  }
}

/** How many employees a list shows: all, none (`emptyList`), silently half (`halfList`), or all but the last (`notHired`). */
export function visibleEmployees(employees: number, faults: ActiveFaults): number {
  if (faults.has('emptyList')) return 0;
  if (faults.has('halfList')) return Math.floor(employees / 2);
  const absent = faults.get('notHired');
  return absent === undefined ? employees : Math.max(0, employees - (absent.persons ?? 1));
}

/** Place in a list that goes on by cursor: where this page begins, and where the one before began. */
export interface CursorPlace {
  readonly start: number;
  readonly previous: number;
}

export function writeCursor(place: CursorPlace): string {
  return Buffer.from(`${place.start}.${place.previous}`).toString('base64url');
}

/** null for a cursor that this system never gave out. */
export function readCursor(text: string): CursorPlace | null {
  if (text === '') return { start: 0, previous: 0 };
  const match = /^(\d{1,9})\.(\d{1,9})$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
  return match ? { start: Number(match[1]), previous: Number(match[2]) } : null;
}

export interface CursorPage {
  readonly rows: string;
  readonly rowCount: number;
  readonly next: CursorPlace | null;
}

export interface CursorList {
  readonly place: CursorPlace;
  readonly until: number;
  /** Most rows; an employee's rows are never split over pages. */
  readonly limit: number;
  readonly rowsOf: (index: number) => readonly string[];
  readonly faults: ActiveFaults;
}

/** One page of whole employees. `repeatedPage` serves the rows of the page before, `missingPage` none; both go on as if nothing was wrong. */
export function cursorPage(list: CursorList): CursorPage {
  const page = fill(list, list.place.start);
  const next = page.end < list.until ? { start: page.end, previous: list.place.start } : null;
  if (list.faults.has('missingPage')) return { rows: '', rowCount: 0, next };
  const shown = list.faults.has('repeatedPage') ? fill(list, list.place.previous) : page;
  return { rows: shown.rows, rowCount: shown.rowCount, next };
}

function fill(list: CursorList, start: number): { rows: string; rowCount: number; end: number } {
  let rows = '';
  let rowCount = 0;
  let index = start;
  for (; index < list.until; index += 1) {
    const own = list.rowsOf(index);
    if (rowCount > 0 && rowCount + own.length > list.limit) break;
    for (const row of own) rows += rows === '' ? row : `,${row}`;
    rowCount += own.length;
  }
  return { rows, rowCount, end: index };
}
