/** Whether unpaid months may be paid back, through which channel, until when, and what each side would pay. */
import { type Fen, ZERO_FEN, addFen } from '../domain/fen.js';
import { HubError } from '../domain/hub-error.js';
import type { Insurance } from '../domain/insurance.js';
import { type Day, type Month, addDays } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import { type ChannelAdvice, type ChannelQuestion, adviseChannels } from './back-payment-channels.js';
import { type BackPaymentText, writeBackPayment } from './back-payment-sentences.js';
import { type FigureUsed, figureUsed } from './base-explanation.js';
import { type ClampHit, clampWage } from './base.js';
import type { CellPolicy } from './cell-policy.js';
import { type Contribution, type InsuredTerms, type SideAmount, contributionOf, isDoubtful } from './contribution.js';
import { type LateFee, lateFeeOf } from './late-fee.js';
import type { Looked } from './policy-record.js';
import { workplaceRule } from './workplace.js';

export interface BackPaymentQuestion extends ChannelQuestion, InsuredTerms {
  /** The monthly wage the base is made from. */
  readonly wageFen: Fen;
  /** Where the household is registered; tells `hukou` where that is not given. The place of work decides all the same. */
  readonly hukouRegion?: RegionCode | null;
}

/** One month of one insurance. */
export interface AdvisedCell {
  readonly month: Month;
  readonly insurance: Insurance;
  /** null where floor or cap is unknown; `missing` says which. */
  readonly baseFen: Fen | null;
  readonly clamp: ClampHit | null;
  readonly employee: SideAmount;
  readonly employer: SideAmount;
  /** If paid on the day of asking; the employer bears it. */
  readonly lateFee: LateFee;
}

/** Sums of what is known; `missing` > 0 entries mean that the true sum is higher. */
export interface AdviceTotals {
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
  readonly lateFeeFen: Fen;
}

export interface BackPaymentAdvice {
  /** The best verdict of any channel. */
  readonly verdict: 'eligible' | 'refused' | 'unknown';
  readonly region: RegionCode;
  /** null = not told. */
  readonly hukouRegion: RegionCode | null;
  readonly hiredOn: Day;
  readonly asOf: Day;
  readonly wageFen: Fen;
  readonly policyVersion: string;
  readonly channels: readonly ChannelAdvice[];
  /** The last day on which a channel that accepts would take the application; null = none, or no limit. */
  readonly lastDay: Day | null;
  /** Last day of the legal time for registering a new employee; null where no rule is known. */
  readonly registerUntil: Day | null;
  readonly cells: readonly AdvisedCell[];
  readonly totals: AdviceTotals;
  /** Figures that are carried over or rest on one source: to be checked before money moves. */
  readonly doubtful: readonly (FigureUsed & { readonly insurance: Insurance })[];
  /** Policy keys a tenant may set, and facts of the person that were not told. */
  readonly missing: readonly string[];
  /** The same for people. */
  readonly text: BackPaymentText;
}

/** Throws `no-gaps` when asked about nothing. Everything else is an answer, unknown parts included. */
export function adviseBackPayment(question: BackPaymentQuestion): BackPaymentAdvice {
  if (question.gaps.length === 0) {
    throw new HubError({
      code: 'no-gaps',
      next: 'bug',
      message: 'Back-payment advice was asked for without an unpaid month.',
    });
  }
  const channels = adviseChannels(question);
  const verdict = bestVerdict(channels);
  const judged = question.gaps.map((gap) => adviseCell(question, cellOf(question, gap)));
  const advice: Omit<BackPaymentAdvice, 'text'> = {
    verdict,
    region: question.region,
    hukouRegion: question.hukouRegion ?? null,
    hiredOn: question.hiredOn,
    asOf: question.asOf,
    wageFen: question.wageFen,
    policyVersion: question.book.version,
    channels,
    lastDay: latestDay(channels),
    registerUntil: registrationEnd(question),
    cells: judged.map(({ cell }) => cell),
    totals: totalsOf(judged.map(({ cell }) => cell)),
    doubtful: withoutRepeats(judged.flatMap(({ doubtful }) => doubtful)),
    missing: [...new Set(judged.flatMap(({ cell, missing }) => [...missing, ...missingOf(cell)]))],
  };
  return { ...advice, text: writeBackPayment(advice, question.book) };
}

type DoubtfulFigure = BackPaymentAdvice['doubtful'][number];

interface JudgedCell {
  readonly cell: AdvisedCell;
  readonly doubtful: readonly DoubtfulFigure[];
  readonly missing: readonly string[];
}

function cellOf(
  { book, region, asOf }: BackPaymentQuestion,
  gap: { readonly month: Month; readonly insurance: Insurance },
): CellPolicy {
  return book.cell(region, gap.insurance, gap.month, asOf);
}

function adviseCell(question: BackPaymentQuestion, policy: CellPolicy): JudgedCell {
  const place = { month: policy.month, insurance: policy.insurance };
  const base = clampWage(question.wageFen, policy);
  if ('missing' in base) {
    const unknown = { known: false, missing: base.missing } as const;
    const cell: AdvisedCell = {
      ...place,
      baseFen: null,
      clamp: null,
      employee: unknown,
      employer: unknown,
      lateFee: unknown,
    };
    return { cell, doubtful: [], missing: base.missing };
  }
  const sides = contributionOf(base.baseFen, policy, insuredOf(question));
  const cell: AdvisedCell = { ...place, ...base, ...sides, lateFee: cellLateFee(sides, policy, question) };
  const figures: readonly Looked<unknown>[] = [policy.floorFen, policy.capFen, ...ratesOf(sides)];
  const doubtful = figures.flatMap((each) =>
    each.known && isDoubtful(each) ? [{ ...figureUsed(each), insurance: policy.insurance }] : [],
  );
  return { cell, doubtful, missing: [] };
}

function insuredOf(question: BackPaymentQuestion): InsuredTerms {
  const { region: workplace, hukou, hukouRegion = null } = question;
  return { ...question, hukou: hukou ?? workplaceRule({ workplace, hukouRegion }).hukou };
}

/** On both sides together; unknown where one of them is. */
function cellLateFee({ employee, employer }: Contribution, policy: CellPolicy, question: BackPaymentQuestion): LateFee {
  if (!employee.known || !employer.known) {
    return { known: false, missing: [employee, employer].flatMap((side) => (side.known ? [] : side.missing)) };
  }
  return lateFeeOf(addFen(employee.fen, employer.fen), policy, { paidOn: question.asOf, book: question.book });
}

function ratesOf({ employee, employer }: Contribution): Looked<unknown>[] {
  return [employee, employer].flatMap((side) => (side.known ? [side.rate] : []));
}

function missingOf(cell: AdvisedCell): string[] {
  return [cell.employee, cell.employer, cell.lateFee].flatMap((part) => (part.known ? [] : part.missing));
}

function totalsOf(cells: readonly AdvisedCell[]): AdviceTotals {
  const sum = (parts: readonly (SideAmount | LateFee)[]): Fen =>
    addFen(ZERO_FEN, ...parts.flatMap((part) => (part.known ? [part.fen] : [])));
  return {
    employeeFen: sum(cells.map(({ employee }) => employee)),
    employerFen: sum(cells.map(({ employer }) => employer)),
    lateFeeFen: sum(cells.map(({ lateFee }) => lateFee)),
  };
}

function bestVerdict(channels: readonly ChannelAdvice[]): ChannelAdvice['verdict'] {
  const verdicts = channels.map(({ verdict }) => verdict);
  if (verdicts.includes('eligible')) return 'eligible';
  return verdicts.includes('unknown') ? 'unknown' : 'refused';
}

function latestDay(channels: readonly ChannelAdvice[]): Day | null {
  const accepting = channels.filter(({ verdict }) => verdict === 'eligible').map(({ lastDay }) => lastDay);
  if (accepting.length === 0 || accepting.includes(null)) return null;
  return accepting.reduce((latest, day) => (latest === null || (day !== null && day > latest) ? day : latest), null);
}

function registrationEnd({ book, region, hiredOn, asOf }: BackPaymentQuestion): Day | null {
  const days = book.find({ region, insurance: 'pension', parameter: 'registration_days', on: hiredOn, knownAt: asOf });
  return days.known ? addDays(hiredOn, days.value) : null;
}

function withoutRepeats(figures: readonly DoubtfulFigure[]): DoubtfulFigure[] {
  const seen = new Map(figures.map((figure) => [`${figure.insurance}.${figure.parameter}.${figure.value}`, figure]));
  return [...seen.values()];
}
