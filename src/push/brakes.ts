/** Whether a plan may leave by itself: its figures, with those of the last 24 hours, against the tenant's limits. Pure. */

export type BrakeReason = 'first-run' | 'worse-status' | 'bases' | 'money';

/** At most max(persons, percent % of all the tenant's persons). */
export interface PersonLimit {
  readonly persons: number;
  readonly percent: number;
}

export interface BrakeRules {
  readonly worseStatus: PersonLimit;
  readonly bases: PersonLimit;
  /** The money of 24 hours may be this many times the median of earlier days on which money moved. */
  readonly moneyTimesMedian: number;
  /** What happens to plans that rest on a connection nobody has approved a plan of yet. */
  readonly firstRun: 'preview' | 'send';
}

/** Fen by kind of operation. */
export type MoneyByKind = Readonly<Record<string, number>>;

export interface PlanFigures {
  /** Persons whom a system would show in a worse status than it shows now. */
  readonly worse: number;
  /** Persons whose contribution base would change in a system. */
  readonly rebased: number;
  readonly moneyFen: MoneyByKind;
}

export interface BrakeInput {
  readonly rules: BrakeRules;
  readonly plan: PlanFigures;
  /** Sums over the tenant's plans of the last 24 hours that no person has decided about. */
  readonly window: PlanFigures;
  /** Persons of the tenant. */
  readonly persons: number;
  /** Per kind, the money of each earlier day of six months on which money of that kind moved; any order. */
  readonly moneyDaysFen: Readonly<Record<string, readonly number[]>>;
  readonly newConnections: readonly string[];
  readonly operations: number;
}

/** What one brake saw; `limit` is null where it holds whatever the figure. */
export interface PulledBrake {
  readonly reason: BrakeReason;
  /** The connections, or the kind of operation; empty where the brake looks at persons. */
  readonly about: readonly string[];
  /** Of this plan alone. */
  readonly own: number;
  /** With the 24 hours before. */
  readonly total: number;
  readonly limit: number | null;
}

/** Days with money that make a median; of fewer nobody can say what is usual, and the brake does not judge. */
export const FEWEST_MONEY_DAYS = 3;

/** Empty = the plan may leave. A brake that a plan adds nothing to does not hold it. */
export function pulledBrakes(input: BrakeInput): readonly PulledBrake[] {
  if (input.operations === 0) return [];
  return [...firstRun(input), ...persons(input), ...money(input)];
}

export function personLimit({ persons: floor, percent }: PersonLimit, persons: number): number {
  return Math.max(floor, Math.floor((persons * percent) / 100));
}

function firstRun({ rules, newConnections, operations }: BrakeInput): PulledBrake[] {
  if (rules.firstRun === 'send' || newConnections.length === 0) return [];
  return [{ reason: 'first-run', about: newConnections, own: operations, total: operations, limit: null }];
}

function persons({ rules, plan, window, persons: all }: BrakeInput): PulledBrake[] {
  const looks = [
    { reason: 'worse-status', own: plan.worse, before: window.worse, rule: rules.worseStatus },
    { reason: 'bases', own: plan.rebased, before: window.rebased, rule: rules.bases },
  ] as const;
  return looks.flatMap(({ reason, own, before, rule }) => {
    const limit = personLimit(rule, all);
    const total = own + before;
    return own > 0 && total > limit ? [{ reason, about: [], own, total, limit }] : [];
  });
}

function money({ rules, plan, window, moneyDaysFen }: BrakeInput): PulledBrake[] {
  return Object.entries(plan.moneyFen).flatMap(([kind, own]) => {
    const usual = medianOf(moneyDaysFen[kind] ?? []);
    if (usual === null || own === 0) return [];
    const total = own + (window.moneyFen[kind] ?? 0);
    const limit = Math.floor(usual * rules.moneyTimesMedian);
    return total > limit ? [{ reason: 'money' as const, about: [kind], own, total, limit }] : [];
  });
}

/** The lower of two middle values, so that the limit never rests on a day that was not; null for too few days. */
function medianOf(daysFen: readonly number[]): number | null {
  if (daysFen.length < FEWEST_MONEY_DAYS) return null;
  return [...daysFen].sort((a, b) => a - b)[Math.floor((daysFen.length - 1) / 2)] ?? null;
}
