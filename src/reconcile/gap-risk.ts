/** Who is likely to have a gap next: a transparent sum of points, each with its reason. Nobody is judged by it and nothing is pushed for it. */
import { addMonths, monthOfDay, monthsOf, type Day, type Month } from '../domain/month.js';
import type { AttendanceItem, ContributionItem, EmploymentItem } from '../domain/records.js';
import { countedBothFen } from './postings.js';

/** What the sources say of one person; how far back they were read decides how much can be seen. */
export interface RiskFacts {
  readonly contributions: readonly ContributionItem[];
  readonly employments: readonly EmploymentItem[];
  readonly attendance: readonly AttendanceItem[];
}

export const RISK_REASONS = [
  'gaps-in-the-past-year',
  'gap-in-the-last-three-months',
  'leaves-without-a-next-job',
  'changed-jobs',
  'many-jobs',
  'new-and-not-yet-paid',
  'hardly-worked',
  'not-seen-at-work',
] as const;
export type RiskReasonCode = (typeof RISK_REASONS)[number];

export interface RiskReason {
  readonly code: RiskReasonCode;
  readonly points: number;
  /** The months or days it was seen in. */
  readonly seen: readonly (Month | Day)[];
}

export interface GapRisk {
  /** 0–100. */
  readonly score: number;
  readonly isLikely: boolean;
  readonly reasons: readonly RiskReason[];
}

/** From this score on a gap is called likely; chosen on the synthetic population of `npm run bench -- risk`. */
export const LIKELY_FROM = 40;

const YEAR = 12;
const RECENT = 3;
/** The insurance that is paid everywhere and in every month that anything is paid. */
const ANCHOR = 'pension';

/** Looks at the twelve months before the month of `asOf`; what was not read counts as not known, never as a gap. */
export function gapRiskOf(facts: RiskFacts, asOf: Day): GapRisk {
  const now = monthOfDay(asOf);
  const recent = addMonths(now, -RECENT);
  const paid = paidMonths(facts.contributions);
  const gaps = gapsBefore(paid, now);
  const reasons = [
    pastGaps(gaps),
    reason(
      'gap-in-the-last-three-months',
      15,
      gaps.filter((month) => month >= recent),
    ),
    ...jobReasons(facts.employments, asOf),
    newAndUnpaid(facts.employments, paid, now),
    ...attendanceReasons(facts, now),
  ].filter((each) => each !== null);
  const score = Math.min(
    100,
    reasons.reduce((sum, { points }) => sum + points, 0),
  );
  return { score, isLikely: score >= LIKELY_FROM, reasons };
}

function reason(code: RiskReasonCode, points: number, seen: RiskReason['seen']): RiskReason | null {
  return seen.length === 0 || points === 0 ? null : { code, points, seen };
}

function pastGaps(gaps: readonly Month[]): RiskReason | null {
  return reason('gaps-in-the-past-year', Math.min(45, 15 + 10 * (gaps.length - 1)), gaps);
}

/** Months between the first paid one and now, of the past year, for which nobody's money stayed. */
function gapsBefore(paid: ReadonlySet<Month>, now: Month): readonly Month[] {
  const first = [...paid].sort()[0];
  if (first === undefined) return [];
  const from = addMonths(now, -YEAR);
  return monthsOf(first > from ? first : from, now).filter((month) => !paid.has(month));
}

function paidMonths(contributions: readonly ContributionItem[]): ReadonlySet<Month> {
  const sums = new Map<Month, number>();
  for (const posting of contributions) {
    if (posting.insurance !== ANCHOR) continue;
    const added = countedBothFen(posting);
    // Of a state that nobody can tell it is not known whether it is a gap.
    sums.set(posting.month, (sums.get(posting.month) ?? 0) + (posting.state === 'unknown' ? 1 : added));
  }
  return new Set([...sums].flatMap(([month, sum]) => (sum > 0 ? [month] : [])));
}

function jobReasons(employments: readonly EmploymentItem[], asOf: Day): readonly (RiskReason | null)[] {
  const now = monthOfDay(asOf);
  const recent = addMonths(now, -RECENT);
  const ending = employments.filter(({ leftOn }) => leftOn !== null && monthOfDay(leftOn) >= recent);
  const begun = employments.filter(({ hiredOn }) => monthOfDay(hiredOn) >= recent && monthOfDay(hiredOn) <= now);
  const goesOn = employments.some(({ leftOn, hiredOn }) => leftOn === null || monthOfDay(hiredOn) > now);
  const lastDays = ending.flatMap(({ leftOn }) => (leftOn === null ? [] : [leftOn]));
  const ofYear = employments.filter(({ hiredOn }) => monthOfDay(hiredOn) >= addMonths(now, -YEAR));
  return [
    goesOn ? null : reason('leaves-without-a-next-job', 45, lastDays),
    goesOn && ending.length > 0
      ? reason(
          'changed-jobs',
          20,
          begun.map(({ hiredOn }) => hiredOn),
        )
      : null,
    ofYear.length >= 3
      ? reason(
          'many-jobs',
          15,
          ofYear.map(({ hiredOn }) => hiredOn),
        )
      : null,
  ];
}

/** Someone whose first whole month has gone by without money of anybody. */
function newAndUnpaid(employments: readonly EmploymentItem[], paid: ReadonlySet<Month>, now: Month): RiskReason | null {
  const last = addMonths(now, -1);
  const unpaid = employments.filter(
    ({ hiredOn, leftOn }) =>
      leftOn === null && monthOfDay(hiredOn) < now && monthOfDay(hiredOn) >= addMonths(now, -RECENT) && !paid.has(last),
  );
  return reason(
    'new-and-not-yet-paid',
    20,
    unpaid.map(({ hiredOn }) => hiredOn),
  );
}

function attendanceReasons({ attendance, employments }: RiskFacts, now: Month): readonly (RiskReason | null)[] {
  const months = monthsOf(addMonths(now, -RECENT), now);
  const isEmployed = (month: Month): boolean =>
    employments.some(
      ({ hiredOn, leftOn }) => monthOfDay(hiredOn) < month && (leftOn === null || monthOfDay(leftOn) > month),
    );
  const rows = new Map(attendance.map((row) => [row.month, row]));
  const employed = months.filter(isEmployed);
  const idle = employed.filter((month) => {
    const row = rows.get(month);
    return row !== undefined && row.workedDaysHundredths * 2 < row.requiredDaysHundredths;
  });
  // Only where this system knows the person at all does its silence mean something.
  const silent = attendance.length === 0 ? [] : employed.filter((month) => !rows.has(month));
  return [
    reason('hardly-worked', Math.min(36, 12 * idle.length), idle),
    silent.length < 2 ? null : reason('not-seen-at-work', 10 * silent.length, silent),
  ];
}
