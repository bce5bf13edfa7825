/** Which of several revisions of one item wins, within a page and across the border to the next page of the same person. */

export type Keep = 'highest' | 'lowest' | 'last' | 'first';

/** `add`: no revision was kept before. `replace`: it takes the place of the record at `index` (null = on a former page). `drop`: an earlier one wins. */
export type Verdict =
  { readonly type: 'add' } | { readonly type: 'replace'; readonly index: number | null } | { readonly type: 'drop' };

interface Kept {
  order: unknown;
  index: number | null;
}

const ADD: Verdict = { type: 'add' };
const DROP: Verdict = { type: 'drop' };

/** One per traversal and stream. Sources list the rows of a person together: only the last person of a page is remembered. */
export class RevisionKeeper {
  private kept = new Map<string, Map<string, Kept>>();
  private lastOwner: string | null = null;

  constructor(private readonly keep: Keep) {}

  beginPage(): void {
    const carried = this.lastOwner === null ? undefined : this.kept.get(this.lastOwner);
    this.kept = new Map();
    if (this.lastOwner === null || carried === undefined) return;
    for (const kept of carried.values()) kept.index = null;
    this.kept.set(this.lastOwner, carried);
  }

  /** Offers a revision of an item; `index` is where its record would stand on this page. */
  offer(offered: {
    readonly owner: string;
    readonly key: string;
    readonly order: unknown;
    readonly index: number;
  }): Verdict {
    this.lastOwner = offered.owner;
    const ofOwner = this.keptOf(offered.owner);
    const before = ofOwner.get(offered.key);
    if (before === undefined) {
      ofOwner.set(offered.key, { order: offered.order, index: offered.index });
      return ADD;
    }
    if (!this.wins(offered.order, before.order)) return DROP;
    const index = before.index;
    before.order = offered.order;
    before.index = index ?? offered.index;
    return { type: 'replace', index };
  }

  private keptOf(owner: string): Map<string, Kept> {
    const known = this.kept.get(owner);
    if (known !== undefined) return known;
    const made = new Map<string, Kept>();
    this.kept.set(owner, made);
    return made;
  }

  private wins(order: unknown, before: unknown): boolean {
    switch (this.keep) {
      case 'last':
        return true;
      case 'first':
        return false;
      case 'highest':
        return compareOrders(order, before) >= 0;
      case 'lowest':
        return compareOrders(order, before) < 0;
    }
  }
}

/** Numbers (and texts that are numbers) by size, other texts by their characters; nothing comes before everything. */
export function compareOrders(a: unknown, b: unknown): number {
  const left = orderOf(a);
  const right = orderOf(b);
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  const [leftText, rightText] = [String(left), String(right)];
  return leftText < rightText ? -1 : leftText > rightText ? 1 : 0;
}

function orderOf(value: unknown): number | string {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return '';
  const text = value.trim();
  return /^-?\d{1,15}(?:\.\d{1,9})?$/.test(text) ? Number(text) : text;
}
