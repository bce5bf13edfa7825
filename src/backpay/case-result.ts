/** What the lines of a case that left have become, and which moves bring the case there. Pure. */
import { type CaseState, isOneOf } from './case-states.js';
import type { CellKey, LineState } from './case.store.js';
import type { ShownApplication } from '../reconcile/back-payment.reader.js';

/** A line with what is shown of it. */
export interface ShownLine extends CellKey {
  readonly state: LineState;
  /** Why it was refused, in the words of who did; null = it was not, or nobody said. */
  readonly reason: string | null;
  /** Anything of it is shown at all: the application has arrived. */
  readonly hasArrived: boolean;
}

/**
 * The bureau's books before everything: money that arrived is `verified` whatever an application says. A refusal that was told once stays,
 * unless the money came all the same, and takes back what was said to be paid; nothing else does. Of several applications for one month
 * any that goes on counts.
 */
export function judgeLine(
  line: CellKey & { readonly state: LineState; readonly reason: string | null },
  shown: readonly Pick<ShownApplication, 'state' | 'reason'>[],
  { isPaid }: { readonly isPaid: boolean },
): ShownLine {
  const { insurance, month } = line;
  const told = shown.map(({ state }) => stateOf(state));
  const hasArrived = isPaid || told.length > 0 || line.state !== 'open';
  const at = { insurance, month, hasArrived };
  if (isPaid || line.state === 'verified') return { ...at, state: 'verified', reason: null };
  const ranked = RANKED.find((each) => told.includes(each)) ?? line.state;
  const isSettled = line.state === 'rejected' || (line.state === 'paid' && ranked !== 'rejected');
  const state = isSettled ? line.state : ranked;
  return { ...at, state, reason: state === 'rejected' ? (reasonIn(shown) ?? line.reason) : null };
}

/** What the last refusal says that says anything. */
function reasonIn(shown: readonly Pick<ShownApplication, 'state' | 'reason'>[]): string | null {
  return shown.findLast(({ state, reason }) => stateOf(state) === 'rejected' && reason !== null)?.reason ?? null;
}

/** The words of refused lines, each once, for a case as a whole. */
export function refusalOf(lines: readonly Pick<ShownLine, 'state' | 'reason'>[]): string | null {
  const words = lines.flatMap(({ state, reason }) => (state === 'rejected' && reason !== null ? [reason] : []));
  return words.length === 0 ? null : [...new Set(words)].slice(0, 5).join('；');
}

/** The furthest first. */
const RANKED = ['paid', 'accepted', 'open', 'rejected'] as const satisfies readonly LineState[];

/** What an application of this state makes of a line. */
export function stateOf(state: ShownApplication['state']): LineState {
  switch (state) {
    case 'received':
    case 'pending':
      return 'open';
    case 'accepted':
    case 'in-progress':
    case 'partially-accepted':
      return 'accepted';
    case 'paid':
    case 'done':
      return 'paid';
    case 'rejected':
    case 'failed':
    case 'cancelled':
      return 'rejected';
  }
}

/** Where the case stands by its lines; null = nothing is shown of it. Verified only by a complete read. */
export function caseTarget(
  lines: readonly ShownLine[],
  { isConclusive }: { readonly isConclusive: boolean },
): CaseState | null {
  if (!lines.some(({ hasArrived }) => hasArrived)) return null;
  const left = lines.filter(({ state }) => state !== 'rejected');
  if (left.length === 0) return 'rejected';
  if (isConclusive && left.every(({ state }) => state === 'verified')) return 'verified';
  if (left.every(({ state }) => state === 'verified' || state === 'paid')) return 'paid';
  if (left.every(({ state }) => state !== 'open'))
    return left.length === lines.length ? 'accepted' : 'partially-accepted';
  return 'submitted';
}

const WAY: readonly CaseState[] = ['submitting', 'submitted', 'accepted', 'paid', 'verified'];

/** The moves from here to there, never backwards; what was said to be paid, and was all refused afterwards, is reopened. */
export function pathTo(from: CaseState, target: CaseState, lines: readonly ShownLine[]): readonly CaseState[] {
  const isPartial = lines.some(({ state }) => state === 'rejected');
  const at = WAY.indexOf(isOneOf(from, ['partially-accepted']) ? 'accepted' : from);
  if (target === 'rejected' && from === 'paid') return ['reopened'];
  if (target === 'rejected') return from === 'submitting' ? ['submitted', 'rejected'] : ['rejected'];
  const to = WAY.indexOf(target === 'partially-accepted' ? 'accepted' : target);
  return WAY.slice(at + 1, to + 1).map((state) => (state === 'accepted' && isPartial ? 'partially-accepted' : state));
}
