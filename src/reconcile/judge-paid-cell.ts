/** Whether a due and paid cell was paid once, on the right base and to the right amount. */
import { fen, type Fen } from '../domain/fen.js';
import type { BaseMismatchKind } from '../domain/situation.js';
import { NO_FINDINGS, worstSituation, type Cell, type CellFinding, type MonthEvidence } from './cell.js';
import type { CellView } from './judge-cell.js';
import { paidBase } from './paid-base.js';
import type { ExpectedBase } from './policy-calls.js';

export function judgePaidCell(view: CellView, paidFen: Fen): Cell {
  const expected = view.context.frame.policy.expectedBase(view, view.month);
  const paidBaseFen = view.own === undefined ? null : paidBase(view.own.rows);
  const money = judgeMoney(view, { expected, paidBaseFen, paidFen });
  const findings = findingsOf(view, money === 'to-top-up' ? null : money);
  return {
    employmentId: view.job.id,
    insurance: view.insurance,
    month: view.month,
    situation: worstSituation(findings, 'paid'),
    findings,
    lacksCover: false,
    expectedBaseFen: expected.baseFen,
    paidBaseFen,
    paidFen,
    isToTopUp: money === 'to-top-up',
  };
}

interface PaidView {
  readonly expected: ExpectedBase;
  readonly paidBaseFen: Fen | null;
  readonly paidFen: Fen;
}

function findingsOf(view: CellView, money: CellFinding | null): readonly CellFinding[] {
  const doubled = view.foreign.length > 0 ? doubleCoverage(view) : null;
  if (money === null && doubled === null) return NO_FINDINGS;
  return [doubled, money].filter((finding) => finding !== null);
}

/** `to-top-up`: charged as was known then, and something else is known now; the difference is an approved recalculation's work. */
type MoneyJudgement = CellFinding | 'to-top-up' | null;

function judgeMoney(view: CellView, paid: PaidView): MoneyJudgement {
  return baseFinding(view, paid) ?? amountFinding(view, paid);
}

function doubleCoverage({ month, foreign }: CellView): CellFinding {
  let paidTwiceFen = 0;
  for (const each of foreign) paidTwiceFen += each.amountFen;
  const payers = foreign.map((each) => each.payer).sort();
  return { situation: 'double-coverage', evidence: { month, effectFen: fen(-paidTwiceFen), payers } };
}

function baseFinding(view: CellView, { expected, paidBaseFen, paidFen }: PaidView): MoneyJudgement {
  if (paidBaseFen === null || paidBaseFen === expected.baseFen) return null;
  const kind = mismatchKind(paidBaseFen, expected);
  if (kind === null) return null;
  if (view.context.frame.policy.fitsEarlierKnowledge(view, view.month, paidBaseFen)) return 'to-top-up';
  const owed = expected.baseFen === null ? null : view.context.frame.policy.amounts(view, view.month, expected.baseFen);
  const evidence: MonthEvidence = {
    month: view.month,
    effectFen: owed === null ? null : fen(owed.employeeFen + owed.employerFen - paidFen),
    kind,
    paidBaseFen,
    expectedBaseFen: expected.baseFen,
    ...(expected.isUnverified ? { unverified: true } : {}),
  };
  return { situation: 'base-mismatch', evidence };
}

/** Outside the range is told even where the wages, and so the expected base, are unknown. */
function mismatchKind(paidBaseFen: Fen, { baseFen, floorFen, capFen }: ExpectedBase): BaseMismatchKind | null {
  if (floorFen !== null && paidBaseFen < floorFen) return 'below-floor';
  if (capFen !== null && paidBaseFen > capFen) return 'above-cap';
  if (baseFen === null) return null;
  return paidBaseFen < baseFen ? 'low' : 'high';
}

/** Only where the base is right and every rate is known: then the money must be right as well. */
function amountFinding(view: CellView, { expected, paidBaseFen, paidFen }: PaidView): MoneyJudgement {
  if (paidBaseFen === null || expected.baseFen !== paidBaseFen || view.own === undefined) return null;
  const owed = view.context.frame.policy.amounts(view, view.month, paidBaseFen);
  const { employeeFen, employerFen } = view.own;
  if (owed === null || (owed.employeeFen === employeeFen && owed.employerFen === employerFen)) return null;
  const own = { baseFen: paidBaseFen, employeeFen: fen(employeeFen), employerFen: fen(employerFen) };
  if (view.context.frame.policy.fitsEarlierRates(view, view.month, own)) return 'to-top-up';
  const evidence: MonthEvidence = {
    month: view.month,
    effectFen: fen(owed.employeeFen + owed.employerFen - paidFen),
    kind: 'amount',
    paidBaseFen,
    expectedBaseFen: expected.baseFen,
    ...(owed.isUnverified ? { unverified: true } : {}),
  };
  return { situation: 'amount-mismatch', evidence };
}
