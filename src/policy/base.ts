/** Which contribution base a month should have, and why: wages in, policy in, one explained number out. */
import { type Fen, ZERO_FEN, divideRounded, fen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Day, Month } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import { type BaseExplanation, explainBase } from './base-explanation.js';
import { type Basis, type EmploymentTerms, basisOf } from './basis.js';
import type { PolicyBook } from './book.js';
import type { CellPolicy } from './cell-policy.js';
import type { Rounding } from './parameter-catalogue.js';
import type { PolicyStatus } from './policy-record.js';
import type { Wages } from './wage-series.js';

export interface BaseRequest {
  readonly region: RegionCode;
  readonly insurance: Insurance;
  readonly month: Month;
  /** What was known of the policy on this day. */
  readonly knownAt: Day;
  readonly employment: EmploymentTerms;
  /** Wages of this employment; months outside it are not looked at. */
  readonly wages: Wages;
}

/** Which limit decided. `fixed`: floor and cap are one amount, whatever the wage. */
export type ClampHit = 'none' | 'floor' | 'cap' | 'fixed';

interface Outcome {
  readonly baseFen: Fen;
  readonly clamp: ClampHit;
  readonly basis: Basis | null;
}

/** A base in fen with everything it rests on; the explanation is built when asked for. */
export class KnownBase {
  readonly known = true;
  readonly baseFen: Fen;
  readonly clamp: ClampHit;
  /** null where floor and cap alone decide. */
  readonly basis: Basis | null;

  constructor(
    outcome: Outcome,
    private readonly cell: CellPolicy,
    private readonly request: BaseRequest,
  ) {
    this.baseFen = outcome.baseFen;
    this.clamp = outcome.clamp;
    this.basis = outcome.basis;
  }

  /** The floor or cap was only carried over: the base may change when the notice comes. */
  get provisional(): boolean {
    return statusesOf(this.cell).includes('provisional');
  }

  /** A floor or cap that one source gives without a document took part: a person looks before money moves. */
  get unverified(): boolean {
    const { floorFen, capFen } = this.cell;
    return [floorFen, capFen].some((limit) => limit.known && limit.record.status === 'unverified');
  }

  get explanation(): BaseExplanation {
    return explainBase({ cell: this.cell, request: this.request, base: this });
  }
}

/** No base: `missing` names what to set in an overlay, or which wages were not told. */
export class UnknownBase {
  readonly known = false;

  constructor(
    readonly missing: readonly string[],
    private readonly cell: CellPolicy,
    private readonly request: BaseRequest,
  ) {}

  get explanation(): BaseExplanation {
    return explainBase({ cell: this.cell, request: this.request, base: this });
  }
}

export type BaseResult = KnownBase | UnknownBase;

/** The basis rounded once and held inside floor and cap, so that no rounding leaves the range. Pure; nothing is thrown for missing figures. */
export function expectedBase(request: BaseRequest, book: PolicyBook): BaseResult {
  const cell = book.cell(request.region, request.insurance, request.month, request.knownAt);
  const { floorFen, capFen, baseRounding } = cell;
  if (!floorFen.known || !capFen.known || !baseRounding.known)
    return new UnknownBase(missingLimits(cell), cell, request);
  if (floorFen.value !== null && floorFen.value === capFen.value) {
    return new KnownBase({ baseFen: floorFen.value, clamp: 'fixed', basis: null }, cell, request);
  }
  const basis = basisOf({ policy: cell, employment: request.employment, wages: request.wages });
  if (!('kind' in basis)) return new UnknownBase(basis.missing, cell, request);
  const rounded = roundQuotient(basis.sumFen, basis.count, baseRounding.value);
  const { baseFen, clamp } = clamped(rounded, floorFen.value, capFen.value);
  return new KnownBase({ baseFen, clamp, basis }, cell, request);
}

/** Holds a wage that was decided elsewhere (declared, agreed) inside the range of a month. */
export function clampWage(wageFen: Fen, cell: CellPolicy): ClampedWage | { readonly missing: readonly string[] } {
  const { floorFen, capFen, baseRounding } = cell;
  if (!floorFen.known || !capFen.known || !baseRounding.known) return { missing: missingLimits(cell) };
  if (floorFen.value !== null && floorFen.value === capFen.value) return { baseFen: floorFen.value, clamp: 'fixed' };
  return clamped(roundQuotient(wageFen, 1, baseRounding.value), floorFen.value, capFen.value);
}

export interface ClampedWage {
  readonly baseFen: Fen;
  readonly clamp: ClampHit;
}

/** A month whose reversals take back more than was paid has no wage; it never makes a contribution below zero. */
function clamped(basisFen: Fen, floor: Fen | null, cap: Fen | null): ClampedWage {
  if (floor !== null && basisFen < floor) return { baseFen: floor, clamp: 'floor' };
  if (cap !== null && basisFen > cap) return { baseFen: cap, clamp: 'cap' };
  return { baseFen: basisFen < 0 ? ZERO_FEN : basisFen, clamp: 'none' };
}

/** `sum / count` to a multiple of the step; plain numbers for the usual half-up, exact for everything. */
function roundQuotient(sum: number, count: number, { stepFen, mode }: Rounding): Fen {
  const divisor = count * stepFen;
  if (mode === 'half-up' && sum >= 0) {
    const remainder = sum % divisor;
    const quotient = (sum - remainder) / divisor;
    return fen((remainder * 2 >= divisor ? quotient + 1 : quotient) * stepFen);
  }
  return fen(Number(divideRounded(BigInt(sum), BigInt(divisor), mode)) * stepFen);
}

function statusesOf({ floorFen, capFen }: CellPolicy): PolicyStatus[] {
  return [floorFen, capFen].flatMap((limit) => (limit.known ? [limit.status] : []));
}

function missingLimits({ floorFen, capFen, baseRounding }: CellPolicy): string[] {
  return [floorFen, capFen, baseRounding].flatMap((each) => (each.known ? [] : [each.key]));
}
