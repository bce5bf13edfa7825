/** Which channel would still accept a back-payment, why or why not, and until which day. */
import type { Insurance } from '../domain/insurance.js';
import {
  type Day,
  type Month,
  addDays,
  addMonths,
  dayInMonth,
  lastDay,
  monthOfDay,
  monthsBetween,
} from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import type { PolicyBook } from './book.js';
import type { BackPaymentChannel, ChannelRule, ParameterValue } from './parameter-catalogue.js';
import type { Known, Looked } from './policy-record.js';

/** A month of an insurance that was not paid. */
export interface GapCell {
  readonly month: Month;
  readonly insurance: Insurance;
}

export interface ChannelQuestion {
  readonly book: PolicyBook;
  readonly region: RegionCode;
  readonly gaps: readonly GapCell[];
  readonly hiredOn: Day;
  /** The day of asking; also what was known. */
  readonly asOf: Day;
}

export type ChannelReason =
  | { readonly code: 'within-limit'; readonly months: number; readonly limit: number; readonly rule: Known<unknown> }
  | { readonly code: 'over-limit'; readonly months: number; readonly limit: number; readonly rule: Known<unknown> }
  | { readonly code: 'no-limit'; readonly rule: Known<unknown> }
  | { readonly code: 'insurance-excluded'; readonly insurances: readonly Insurance[]; readonly rule: Known<unknown> }
  | { readonly code: 'other-year'; readonly rule: Known<unknown> }
  | { readonly code: 'past-deadline'; readonly deadline: Day }
  | { readonly code: 'limit-unknown'; readonly key: string };

/** What the channel asks for beside the limit. */
export type ChannelCondition =
  | { readonly code: 'evidence'; readonly text: { readonly zh: string; readonly en: string } }
  | { readonly code: 'all-insurances-together' }
  | { readonly code: 'window'; readonly fromDay: number | null; readonly untilDay: number }
  | { readonly code: 'max-batch'; readonly persons: number }
  | { readonly code: 'processing-days'; readonly workingDays: number };

/** A last day by one rule. */
export interface Deadline {
  readonly day: Day;
  readonly rule: Known<unknown>;
  readonly because: 'max-months' | 'days-after-hiring' | 'months-after-hiring';
}

export interface ChannelAdvice {
  readonly channel: Exclude<BackPaymentChannel, 'any'>;
  readonly verdict: 'eligible' | 'refused' | 'unknown';
  readonly reasons: readonly ChannelReason[];
  readonly conditions: readonly ChannelCondition[];
  readonly deadlines: readonly Deadline[];
  /** The last day on which to apply; null = no limit, or refused. */
  readonly lastDay: Day | null;
}

const CHANNELS = ['online', 'counter', 'agency'] as const;

export function adviseChannels(question: ChannelQuestion): ChannelAdvice[] {
  return CHANNELS.map((channel) => adviseChannel(channel, question));
}

type Ask = <R extends ChannelRule>(
  rule: R,
) => readonly Looked<ParameterValue<`back_payment.${BackPaymentChannel}.${R}`>>[];

function adviseChannel(channel: ChannelAdvice['channel'], question: ChannelQuestion): ChannelAdvice {
  const ask = askingBoth(channel, question);
  const deadlines = deadlinesOf(ask, question);
  const lastDay = lastApplicationDay(ask, deadlines);
  const reasons = [...limitReasons(ask, question), ...exclusions(ask, question), ...otherYears(ask, question)];
  const isRefused = reasons.some(
    ({ code }) => code === 'over-limit' || code === 'insurance-excluded' || code === 'other-year',
  );
  if (!isRefused && lastDay !== null && lastDay < question.asOf)
    reasons.push({ code: 'past-deadline', deadline: lastDay });
  const verdict = verdictOf(reasons);
  return {
    channel,
    verdict,
    reasons,
    conditions: conditionsOf(ask),
    deadlines,
    lastDay: verdict === 'refused' ? null : lastDay,
  };
}

/** Every rule is asked for the channel itself and for `any`; both bind. */
function askingBoth(channel: ChannelAdvice['channel'], { book, region, asOf }: ChannelQuestion): Ask {
  const at = { region, insurance: 'pension', on: asOf, knownAt: asOf } as const;
  return (rule) => [book.channelRule(channel, rule, at), book.channelRule('any', rule, at)];
}

function limitReasons(ask: Ask, { gaps, asOf }: ChannelQuestion): ChannelReason[] {
  const limits = ask('max_months');
  const known = limits.flatMap((limit) => (limit.known ? [limit] : []));
  const [first] = limits;
  if (known.length === 0 && first !== undefined && !first.known) return [{ code: 'limit-unknown', key: first.key }];
  const months = monthsBetween(oldestMonth(gaps), monthOfDay(asOf));
  return known.map((rule): ChannelReason => {
    if (rule.value === null) return { code: 'no-limit', rule };
    return { code: months > rule.value ? 'over-limit' : 'within-limit', months, limit: rule.value, rule };
  });
}

function exclusions(ask: Ask, { gaps }: ChannelQuestion): ChannelReason[] {
  return ask('insurances_excluded').flatMap((rule): ChannelReason[] => {
    if (!rule.known) return [];
    const insurances = [...new Set(gaps.map(({ insurance }) => insurance))].filter((insurance) =>
      rule.value.includes(insurance),
    );
    return insurances.length === 0 ? [] : [{ code: 'insurance-excluded', insurances, rule }];
  });
}

function otherYears(ask: Ask, { gaps, asOf }: ChannelQuestion): ChannelReason[] {
  const crosses = oldestMonth(gaps).slice(0, 4) !== asOf.slice(0, 4);
  return ask('across_years').flatMap((rule): ChannelReason[] =>
    rule.known && !rule.value && crosses ? [{ code: 'other-year', rule }] : [],
  );
}

/** The day of hiring is not counted: 15 days after 6 March is 21 March. */
function deadlinesOf(ask: Ask, { gaps, hiredOn }: ChannelQuestion): Deadline[] {
  const limits = ask('max_months').flatMap((rule): Deadline[] =>
    rule.known && rule.value !== null
      ? [{ day: lastDay(addMonths(oldestMonth(gaps), rule.value)), rule, because: 'max-months' }]
      : [],
  );
  const days = ask('apply_within_days_of_hiring').flatMap((rule): Deadline[] =>
    rule.known ? [{ day: addDays(hiredOn, rule.value), rule, because: 'days-after-hiring' }] : [],
  );
  const months = ask('apply_within_months_of_hiring').flatMap((rule): Deadline[] => {
    if (!rule.known) return [];
    const month = addMonths(monthOfDay(hiredOn), rule.value);
    return [{ day: dayInMonth(month, Number(hiredOn.slice(8))), rule, because: 'months-after-hiring' }];
  });
  return [...limits, ...days, ...months].sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** The earliest deadline, moved back into the channel's monthly window. */
function lastApplicationDay(ask: Ask, deadlines: readonly Deadline[]): Day | null {
  const earliest = deadlines[0]?.day;
  if (earliest === undefined) return null;
  const from = firstKnown(ask('window_from_day')) ?? 1;
  const until = firstKnown(ask('window_until_day'));
  if (until === null) return earliest;
  const month = monthOfDay(earliest);
  const dayOfMonth = Number(earliest.slice(8));
  if (dayOfMonth > until) return dayInMonth(month, until);
  return dayOfMonth < from ? dayInMonth(addMonths(month, -1), until) : earliest;
}

function conditionsOf(ask: Ask): ChannelCondition[] {
  const conditions: ChannelCondition[] = [];
  const evidence = firstKnown(ask('evidence'));
  if (evidence !== null) conditions.push({ code: 'evidence', text: evidence });
  if (firstKnown(ask('all_insurances_together')) === true) conditions.push({ code: 'all-insurances-together' });
  const untilDay = firstKnown(ask('window_until_day'));
  if (untilDay !== null) conditions.push({ code: 'window', fromDay: firstKnown(ask('window_from_day')), untilDay });
  const persons = firstKnown(ask('max_batch'));
  if (persons !== null) conditions.push({ code: 'max-batch', persons });
  const workingDays = firstKnown(ask('processing_days'));
  if (workingDays !== null) conditions.push({ code: 'processing-days', workingDays });
  return conditions;
}

function firstKnown<T>(looked: readonly Looked<T>[]): T | null {
  return looked.find((each) => each.known)?.value ?? null;
}

function verdictOf(reasons: readonly ChannelReason[]): ChannelAdvice['verdict'] {
  const refusing: readonly ChannelReason['code'][] = [
    'over-limit',
    'insurance-excluded',
    'other-year',
    'past-deadline',
  ];
  if (reasons.some(({ code }) => refusing.includes(code))) return 'refused';
  return reasons.some(({ code }) => code === 'limit-unknown') ? 'unknown' : 'eligible';
}

/** Callers hand over at least one gap. */
function oldestMonth(gaps: readonly GapCell[]): Month {
  return gaps.map(({ month }) => month).reduce((oldest, month) => (month < oldest ? month : oldest));
}
