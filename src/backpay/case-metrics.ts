/** How long cases take, how much of it is the hub's own time, and how often HR has to act: computed from their histories. Pure. */
import type { CaseState } from './case-states.js';

/** One row of a history, oldest first within its case. */
export interface CaseStep {
  readonly caseId: string;
  readonly kind: 'moved' | 'reminder' | 'escalated' | 'line' | 'note';
  readonly to: CaseState | null;
  readonly actor: string;
  /** Rows written in one transaction carry one time. */
  readonly atMs: number;
  readonly onDay: string;
}

export interface CaseFigures {
  readonly caseId: string;
  /** From the detection to the bureau's own books, by the calendar. */
  readonly days: number;
  /** Acts of people of HR: several rows of one transaction are one act. */
  readonly hrActions: number;
  readonly employeeActions: number;
  /** Milliseconds in which the case waited for nobody but the hub. */
  readonly hubMs: number;
}

/** In these the next step is the hub's: nobody else is waited for. */
const HUBS_TURN: readonly CaseState[] = ['detected', 'confirmed', 'approved', 'submitting', 'reopened'];
const DAY_MS = 86_400_000;

/** Of cases that were verified; a case that was reopened counts until it was verified at last. */
export function figuresOfCases(steps: readonly CaseStep[]): readonly CaseFigures[] {
  const byCase = new Map<string, CaseStep[]>();
  for (const step of steps) byCase.set(step.caseId, [...(byCase.get(step.caseId) ?? []), step]);
  return [...byCase].flatMap(([caseId, own]) => {
    const end = own.findLastIndex(({ kind, to }) => kind === 'moved' && to === 'verified');
    return end < 0 ? [] : [figuresOf(caseId, own.slice(0, end + 1))];
  });
}

function figuresOf(caseId: string, steps: readonly CaseStep[]): CaseFigures {
  const [first] = steps;
  const last = steps.at(-1);
  const days = (Date.parse(last?.onDay ?? '') - Date.parse(first?.onDay ?? '')) / DAY_MS;
  const actsOf = (isBy: (actor: string) => boolean): number =>
    new Set(steps.filter(({ actor }) => isBy(actor)).map(({ actor, atMs }) => `${actor} ${atMs}`)).size;
  return {
    ...{ caseId, days, hubMs: hubMsOf(steps) },
    hrActions: actsOf((actor) => actor !== 'hub' && !actor.startsWith('employee:')),
    employeeActions: actsOf((actor) => actor.startsWith('employee:')),
  };
}

/** Only where the hub itself made the next move: waiting for a window, for an office or for a person is not its time. */
function hubMsOf(steps: readonly CaseStep[]): number {
  const moves = steps.filter(({ kind }) => kind === 'moved');
  let sum = 0;
  for (const [place, { to, atMs, onDay }] of moves.entries()) {
    const next = moves[place + 1];
    if (next?.actor !== 'hub' || to === null || !HUBS_TURN.includes(to)) continue;
    // Over night an approved case waited for its window, and a detected one for a figure.
    if (next.onDay === onDay) sum += next.atMs - atMs;
  }
  return sum;
}

/** null = no case was verified yet. */
export interface Spread {
  readonly median: number;
  readonly most: number;
}

export interface CaseMetrics {
  readonly verified: number;
  readonly days: Spread | null;
  readonly hrActions: Spread | null;
  readonly employeeActions: Spread | null;
  readonly hubSeconds: Spread | null;
  /** How many there are by state now; states that no case is in are left out. */
  readonly cases: Readonly<Partial<Record<CaseState, number>>>;
}

export function metricsOf(
  figures: readonly CaseFigures[],
  counts: readonly { readonly state: CaseState; readonly count: number }[],
): CaseMetrics {
  const spread = (of: (each: CaseFigures) => number): Spread | null => spreadOf(figures.map(of));
  return {
    verified: figures.length,
    days: spread(({ days }) => days),
    hrActions: spread(({ hrActions }) => hrActions),
    employeeActions: spread(({ employeeActions }) => employeeActions),
    hubSeconds: spread(({ hubMs }) => Math.round(hubMs) / 1000),
    cases: Object.fromEntries(counts.map(({ state, count }) => [state, count])),
  };
}

function spreadOf(values: readonly number[]): Spread | null {
  const sorted = [...values].sort((a, b) => a - b);
  const most = sorted.at(-1);
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  return most === undefined || median === undefined ? null : { median, most };
}
