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
  /** How many persons apply together; one where nobody says. */
  readonly persons?: number;
}

/** A rule that binds only some of the insurances asked for names them; null = it binds all. */
interface Binding {
  readonly only: readonly Insurance[] | null;
  readonly rule: Known<unknown>;
}

export type ChannelReason =
  | ({ readonly code: 'within-limit'; readonly months: number; readonly limit: number } & Binding)
  | ({ readonly code: 'over-limit'; readonly months: number; readonly limit: number } & Binding)
  | ({ readonly code: 'no-limit' } & Binding)
  | { readonly code: 'insurance-excluded'; readonly insurances: readonly Insurance[]; readonly rule: Known<unknown> }
  | { readonly code: 'other-year'; readonly rule: Known<unknown> }
  | { readonly code: 'past-deadline'; readonly deadline: Day }
  | { readonly code: 'limit-unknown'; readonly key: string };

/** What the channel asks for beside the limit. */
export type ChannelCondition =
  | { readonly code: 'evidence'; readonly text: { readonly zh: string; readonly en: string } }
  /** `alsoNeeded`: social insurances that were not asked for. */
  | { readonly code: 'all-insurances-together'; readonly alsoNeeded: readonly Insurance[] }
  | { readonly code: 'window'; readonly fromDay: number; readonly untilDay: number }
  /** `batches`: how many applications the persons asked for make. */
  | { readonly code: 'max-batch'; readonly persons: number; readonly batches: number }
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
  /** The first day from today on which the channel's monthly window is open; null = refused. */
  readonly firstDay: Day | null;
  /** The last day on which to apply; null = no limit, or refused. */
  readonly lastDay: Day | null;
}

const CHANNELS = ['online', 'counter', 'agency'] as const;
/** Maternity is charged with medical insurance in most places, so it is not asked for by name. */
const TOGETHER: readonly Insurance[] = ['pension', 'medical', 'unemployment', 'work-injury'];

export function adviseChannels(question: ChannelQuestion): ChannelAdvice[] {
  return CHANNELS.map((channel) => adviseChannel(channel, question));
}

/** What was found for one rule, and for which of the insurances asked for. */
interface Found<T> {
  readonly looked: Looked<T>;
  readonly insurances: readonly Insurance[];
}
type RuleValue<R extends ChannelRule> = ParameterValue<`back_payment.${BackPaymentChannel}.${R}`>;
type Ask = <R extends ChannelRule>(rule: R) => readonly Found<RuleValue<R>>[];

function adviseChannel(channel: ChannelAdvice['channel'], question: ChannelQuestion): ChannelAdvice {
  const ask = askingBoth(channel, question);
  const deadlines = deadlinesOf(ask, question);
  const window = windowOf(ask);
  const lastDay = lastApplicationDay(window, deadlines);
  const firstDay = firstApplicationDay(window, question.asOf);
  const reasons = [...limitReasons(ask, question), ...exclusions(ask), ...otherYears(ask, question)];
  const isRefused = reasons.some(({ code }) => REFUSING.includes(code));
  if (!isRefused && lastDay !== null && lastDay < firstDay) reasons.push({ code: 'past-deadline', deadline: lastDay });
  const verdict = verdictOf(reasons);
  return {
    channel,
    verdict,
    reasons,
    conditions: conditionsOf(ask, question),
    deadlines,
    firstDay: verdict === 'refused' ? null : firstDay,
    lastDay: verdict === 'refused' ? null : lastDay,
  };
}

/** Every rule is asked for each insurance, for the channel itself and for `any`; all that is found binds. One record is told once. */
function askingBoth(channel: ChannelAdvice['channel'], { book, region, asOf, gaps }: ChannelQuestion): Ask {
  const insurances = insurancesOf(gaps);
  return <R extends ChannelRule>(rule: R) => {
    const found = new Map<unknown, { looked: Looked<RuleValue<R>>; insurances: Insurance[] }>();
    for (const scope of [channel, 'any'] as const) {
      for (const insurance of insurances) {
        const looked: Looked<RuleValue<R>> = book.channelRule(scope, rule, {
          region,
          insurance,
          on: asOf,
          knownAt: asOf,
        });
        const key = looked.known ? looked.record : looked.key;
        const known = found.get(key);
        if (known === undefined) found.set(key, { looked, insurances: [insurance] });
        else known.insurances.push(insurance);
      }
    }
    return [...found.values()];
  };
}

function limitReasons(ask: Ask, question: ChannelQuestion): ChannelReason[] {
  const { gaps, asOf } = question;
  const limits = ask('max_months');
  const reasons = knownOf(limits).map(({ known: rule, insurances }): ChannelReason => {
    const only = insurances.length === insurancesOf(gaps).length ? null : insurances;
    if (rule.value === null) return { code: 'no-limit', rule, only };
    const months = monthsBetween(oldestMonth(gaps, insurances), monthOfDay(asOf));
    return { code: months > rule.value ? 'over-limit' : 'within-limit', months, limit: rule.value, rule, only };
  });
  const unknown = unknownKeys(limits);
  // Where no insurance has a limit one key says it.
  const keys = reasons.length === 0 ? unknown.slice(0, 1) : unknown;
  return [...reasons, ...keys.map((key): ChannelReason => ({ code: 'limit-unknown', key }))];
}

/** One key, the channel's own, for every insurance that neither the channel nor `any` has a value for. */
function unknownKeys(found: readonly Found<unknown>[]): string[] {
  const covered = new Set(knownOf(found).flatMap(({ insurances }) => insurances));
  const keys = new Map<Insurance, string>();
  for (const { looked, insurances } of found) {
    if (looked.known) continue;
    for (const insurance of insurances)
      if (!covered.has(insurance) && !keys.has(insurance)) keys.set(insurance, looked.key);
  }
  return [...keys.values()];
}

function exclusions(ask: Ask): ChannelReason[] {
  return knownOf(ask('insurances_excluded')).flatMap(({ known: rule, insurances }): ChannelReason[] => {
    const excluded = insurances.filter((insurance) => rule.value.includes(insurance));
    return excluded.length === 0 ? [] : [{ code: 'insurance-excluded', insurances: excluded, rule }];
  });
}

function otherYears(ask: Ask, { gaps, asOf }: ChannelQuestion): ChannelReason[] {
  return knownOf(ask('across_years')).flatMap(({ known: rule, insurances }): ChannelReason[] => {
    const crosses = oldestMonth(gaps, insurances).slice(0, 4) !== asOf.slice(0, 4);
    return !rule.value && crosses ? [{ code: 'other-year', rule }] : [];
  });
}

/** The day of hiring is not counted: 15 days after 6 March is 21 March. */
function deadlinesOf(ask: Ask, { gaps, hiredOn }: ChannelQuestion): Deadline[] {
  const limits = knownOf(ask('max_months')).flatMap(({ known: rule, insurances }): Deadline[] =>
    rule.value === null
      ? []
      : [{ day: lastDay(addMonths(oldestMonth(gaps, insurances), rule.value)), rule, because: 'max-months' }],
  );
  const days = knownOf(ask('apply_within_days_of_hiring')).map(({ known: rule }): Deadline => ({
    day: addDays(hiredOn, rule.value),
    rule,
    because: 'days-after-hiring',
  }));
  const months = knownOf(ask('apply_within_months_of_hiring')).map(({ known: rule }): Deadline => {
    const month = addMonths(monthOfDay(hiredOn), rule.value);
    return { day: dayInMonth(month, Number(hiredOn.slice(8))), rule, because: 'months-after-hiring' };
  });
  return [...limits, ...days, ...months].sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** The days of a month on which a channel takes applications; null = every day. */
type Window = { readonly fromDay: number; readonly untilDay: number } | null;

function windowOf(ask: Ask): Window {
  const untilDay = firstKnown(ask('window_until_day'));
  return untilDay === null ? null : { fromDay: firstKnown(ask('window_from_day')) ?? 1, untilDay };
}

/** The earliest deadline, moved back into the channel's monthly window. */
function lastApplicationDay(window: Window, deadlines: readonly Deadline[]): Day | null {
  const earliest = deadlines[0]?.day;
  if (earliest === undefined || window === null) return earliest ?? null;
  const month = monthOfDay(earliest);
  const dayOfMonth = Number(earliest.slice(8));
  if (dayOfMonth > window.untilDay) return dayInMonth(month, window.untilDay);
  return dayOfMonth < window.fromDay ? dayInMonth(addMonths(month, -1), window.untilDay) : earliest;
}

/** Today, or the first day of the window that opens next. */
function firstApplicationDay(window: Window, asOf: Day): Day {
  if (window === null) return asOf;
  const dayOfMonth = Number(asOf.slice(8));
  if (dayOfMonth > window.untilDay) return dayInMonth(addMonths(monthOfDay(asOf), 1), window.fromDay);
  return dayOfMonth < window.fromDay ? dayInMonth(monthOfDay(asOf), window.fromDay) : asOf;
}

function conditionsOf(ask: Ask, { gaps, persons: applying = 1 }: ChannelQuestion): ChannelCondition[] {
  const conditions: ChannelCondition[] = [];
  const evidence = firstKnown(ask('evidence'));
  if (evidence !== null) conditions.push({ code: 'evidence', text: evidence });
  if (firstKnown(ask('all_insurances_together')) === true) {
    const asked = insurancesOf(gaps);
    const alsoNeeded = TOGETHER.filter((insurance) => !asked.includes(insurance));
    conditions.push({ code: 'all-insurances-together', alsoNeeded });
  }
  const window = windowOf(ask);
  if (window !== null) conditions.push({ code: 'window', ...window });
  const persons = firstKnown(ask('max_batch'));
  if (persons !== null) conditions.push({ code: 'max-batch', persons, batches: Math.ceil(applying / persons) });
  const workingDays = firstKnown(ask('processing_days'));
  if (workingDays !== null) conditions.push({ code: 'processing-days', workingDays });
  return conditions;
}

function firstKnown<T>(found: readonly Found<T>[]): T | null {
  return knownOf(found)[0]?.known.value ?? null;
}

function knownOf<T>(
  found: readonly Found<T>[],
): { readonly known: Known<T>; readonly insurances: readonly Insurance[] }[] {
  return found.flatMap(({ looked, insurances }) => (looked.known ? [{ known: looked, insurances }] : []));
}

const REFUSING: readonly ChannelReason['code'][] = ['over-limit', 'insurance-excluded', 'other-year', 'past-deadline'];

function verdictOf(reasons: readonly ChannelReason[]): ChannelAdvice['verdict'] {
  if (reasons.some(({ code }) => REFUSING.includes(code))) return 'refused';
  return reasons.some(({ code }) => code === 'limit-unknown') ? 'unknown' : 'eligible';
}

function insurancesOf(gaps: readonly GapCell[]): Insurance[] {
  return [...new Set(gaps.map(({ insurance }) => insurance))];
}

/** Of these insurances; callers hand over at least one gap of each. */
function oldestMonth(gaps: readonly GapCell[], insurances: readonly Insurance[]): Month {
  return gaps
    .filter(({ insurance }) => insurances.includes(insurance))
    .map(({ month }) => month)
    .reduce((oldest, month) => (month < oldest ? month : oldest));
}
