/** How a checked request becomes an answer of the policy: the same for a command and for the API. */
import { HubError } from '../domain/hub-error.js';
import { INSURANCES, type Insurance } from '../domain/insurance.js';
import { type Day, firstDay } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import { type BackPaymentAdvice, adviseBackPayment } from './back-payment.js';
import type { PolicyBook } from './book.js';
import { monthWithFigures } from './policy-question.js';
import type { BackPaymentRequest, QuoteRequest } from './policy-request.schema.js';
import { withQuotedFigures } from './quoted-figure.js';
import { type Quote, quote } from './quote.js';
import { resolveRegion } from './resolve-region.js';

/** What a tenant covers where hub.yaml says nothing else. */
const USUAL_GAPS: readonly Insurance[] = ['pension', 'medical', 'unemployment'];

interface Asked {
  readonly book: PolicyBook;
  /** What counts as today where the request names no day. */
  readonly today: Day;
}

/** Throws `unknown-region`, and `before-policy` for a month before the first range of every insurance asked for. */
export function answerQuote(request: QuoteRequest, { book, today }: Asked): Quote {
  const region = resolveRegion(request.region, book, firstDay(request.month));
  refuseBeforeFigures(request, region, book);
  return quote({
    book,
    region,
    month: request.month,
    wageFen: request.wage,
    insurances: inOrder(request.insurance) ?? null,
    hukou: request.hukou ?? null,
    industryClass: request.industryClass ?? null,
    knownAt: request.knownAt ?? today,
  });
}

/** One insurance with a range is worth an answer; where all begin later, a table of unknowns would hide that. */
function refuseBeforeFigures({ month, insurance }: QuoteRequest, region: RegionCode, book: PolicyBook): void {
  const asked = insurance ?? USUAL_GAPS;
  const starts = asked.map((each) => book.firstDayOf({ region, insurance: each, parameter: 'base_floor' }));
  if (starts.some((start) => start !== null && start <= firstDay(month))) return;
  for (const each of asked) monthWithFigures(month, { region, insurance: each, book });
}

/** Throws `unknown-region`, and `gap-not-over` for a month that is still to come. */
export function answerBackPayment(request: BackPaymentRequest, { book, today }: Asked): BackPaymentAdvice {
  const asOf = request.asOf ?? today;
  const insurances = inOrder(request.insurance) ?? USUAL_GAPS;
  const future = request.gap.filter((month) => `${month}-01` > asOf);
  if (future.length > 0) {
    throw new HubError({
      code: 'gap-not-over',
      next: 'fix-config',
      message: `${future.join(', ')} had not begun on ${asOf}; expected months before it, or a later --as-of.`,
    });
  }
  return adviseBackPayment({
    book,
    region: resolveRegion(request.region, book, request.hired),
    gaps: request.gap.flatMap((month) => insurances.map((insurance) => ({ month, insurance }))),
    hiredOn: request.hired,
    asOf,
    wageFen: request.wage,
    hukou: request.hukou ?? null,
    industryClass: request.industryClass ?? null,
  });
}

/** The advice as plain JSON: every rule and rate as a figure with its source. */
export function plainAdvice(advice: BackPaymentAdvice, book: PolicyBook): unknown {
  return withQuotedFigures(advice, book);
}

function inOrder(insurances: readonly Insurance[] | undefined): readonly Insurance[] | undefined {
  return insurances && INSURANCES.filter((insurance) => insurances.includes(insurance));
}
