/** Why a base is what it is, as structured data: inputs, rule, figures with their sources, limit hit, rounding. */
import type { Fen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Day, Month } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import type { BaseRequest, BaseResult, ClampHit } from './base.js';
import { type BasisKind, type EmploymentTerms, adjustedIndex } from './basis.js';
import type { CellPolicy } from './cell-policy.js';
import type { Rounding } from './parameter-catalogue.js';
import type { Known, Looked, PolicyStatus } from './policy-record.js';
import { monthNamed, wageAt } from './wage-series.js';

/** One value of the policy that took part. */
export interface FigureUsed {
  readonly parameter: string;
  /** As written in the file. */
  readonly value: string;
  readonly status: PolicyStatus;
  readonly provisionalSince: Day | null;
  readonly region: RegionCode;
  readonly effectiveFrom: Day | null;
  readonly publishedOn: Day | null;
  readonly documentNo: string | null;
  readonly source: string;
  readonly note: string | null;
}

export interface WageUsed {
  readonly month: Month;
  /** null = no wage was told for the month; it neither adds nor divides. */
  readonly fen: Fen | null;
}

export interface BaseExplanation {
  readonly region: RegionCode;
  readonly insurance: Insurance;
  readonly month: Month;
  readonly knownAt: Day;
  /** Edition of the pack and the overlays that answered. */
  readonly policyVersion: string;
  readonly employment: EmploymentTerms;
  /** null = the wages did not matter, or what was missing came first. */
  readonly basisKind: BasisKind | null;
  readonly wages: readonly WageUsed[];
  /** Sum and number of months of the basis; their quotient is rounded once. */
  readonly basis: { readonly sumFen: Fen; readonly months: number } | null;
  /** First month for which this basis holds; a newer wage counts from the next adjustment. */
  readonly effectiveFrom: Month | null;
  /** From this month on a wage that changes now counts; null where every month has its own base, or the rule is unknown. */
  readonly nextAdjustment: Month | null;
  readonly clamp: ClampHit | null;
  readonly rounding: Rounding | null;
  readonly baseFen: Fen | null;
  readonly figures: readonly FigureUsed[];
  readonly missing: readonly string[];
}

export interface ExplainedCell {
  readonly cell: CellPolicy;
  readonly request: BaseRequest;
  readonly base: BaseResult;
}

export function explainBase({ cell, request, base }: ExplainedCell): BaseExplanation {
  const basis = base.known ? base.basis : null;
  const wages: WageUsed[] = [];
  if (basis !== null && basis.kind !== 'newcomer-start-wage') {
    for (let index = basis.fromIndex; index <= basis.lastIndex; index += 1) {
      wages.push({ month: monthNamed(index), fen: wageAt(request.wages, index) });
    }
  }
  return {
    region: request.region,
    insurance: request.insurance,
    month: request.month,
    knownAt: request.knownAt,
    policyVersion: cell.policyVersion,
    employment: request.employment,
    basisKind: basis?.kind ?? null,
    wages,
    basis: basis === null ? null : { sumFen: basis.sumFen as Fen, months: basis.count },
    effectiveFrom: basis === null ? null : monthNamed(basis.effectiveIndex),
    nextAdjustment: nextAdjustmentOf(cell),
    clamp: base.known ? base.clamp : null,
    rounding: cell.baseRounding.known ? cell.baseRounding.value : null,
    baseFen: base.known ? base.baseFen : null,
    figures: figuresOf(cell),
    missing: base.known ? [] : base.missing,
  };
}

function nextAdjustmentOf({ baseRule, adjustmentMonth, monthIndex }: CellPolicy): Month | null {
  if (!baseRule.known || baseRule.value !== 'annual' || !adjustmentMonth.known) return null;
  return monthNamed(adjustedIndex(monthIndex, adjustmentMonth) + 12);
}

/** The values of the policy a base rests on. */
function figuresOf(cell: CellPolicy): FigureUsed[] {
  const rule = cell.baseRule.known ? cell.baseRule.value : null;
  const looked: Looked<unknown>[] = [cell.floorFen, cell.capFen, cell.baseRule, cell.baseRounding];
  if (rule === 'annual') looked.push(cell.adjustmentMonth, cell.newcomerRule);
  if (rule === 'window') looked.push(cell.baseWindowMonths);
  return looked.flatMap((each) => (each.known ? [figureUsed(each)] : []));
}

export function figureUsed(known: Known<unknown>): FigureUsed {
  const { record } = known;
  return {
    parameter: record.parameter,
    value: record.text,
    status: known.status,
    provisionalSince: known.provisionalSince,
    region: known.region,
    effectiveFrom: known.effectiveFrom,
    publishedOn: record.publishedOn,
    documentNo: known.documentNo,
    source: known.source,
    note: record.note,
  };
}
