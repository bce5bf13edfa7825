/** What is known and judged of one cell: an employment, an insurance and a month. */
import type { Fen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Month } from '../domain/month.js';
import {
  FINDING_SITUATIONS,
  type BaseMismatchKind,
  type FindingSituation,
  type Situation,
} from '../domain/situation.js';
import type { Charged } from './billed-cells.js';
import type { SourceWord } from './source-words.js';

/** What a finding says about one month. Amounts in fen; `effectFen` > 0: still to be paid in, < 0: to be given back, null: rates unknown. */
export interface MonthEvidence {
  readonly month: Month;
  readonly effectFen: Fen | null;
  readonly kind?: BaseMismatchKind | ConflictKind | BillKind;
  readonly paidBaseFen?: Fen | null;
  readonly expectedBaseFen?: Fen | null;
  readonly payers?: readonly string[];
  readonly bill?: BillEvidence;
  /** A figure behind this judgement is not confirmed by a source of the law. */
  readonly unverified?: true;
  /** What every source said of the month; only with findings that rest on several. */
  readonly words?: readonly SourceWord[];
}

/** `amount`: it charges another amount; `paid-differs`: the agency says it paid in another one than was due. */
export type BillKind = 'no-order' | 'order-failed' | 'amount' | 'paid-differs';

/** What an agency's bills charge for the month, in fen, and what it was held against; null = nothing, or the agency does not tell. */
export interface BillEvidence {
  readonly connectionId: string;
  readonly billIds: readonly string[];
  readonly orderIds: readonly string[];
  readonly charged: Charged;
  readonly expected: Charged | null;
  readonly paidIn: { readonly dueFen: Fen; readonly paidFen: Fen } | null;
}

export type ConflictKind = 'paid-by-other' | 'paid-in-other-region' | 'worked-after-leaving';

export interface CellFinding {
  readonly situation: FindingSituation;
  readonly evidence: MonthEvidence;
}

export interface Cell {
  readonly employmentId: string;
  readonly insurance: Insurance;
  readonly month: Month;
  /** The worst situation; the others are in `findings`. */
  readonly situation: Situation;
  readonly findings: readonly CellFinding[];
  /** True where the month lacks money and nothing under way will bring it. */
  readonly lacksCover: boolean;
  readonly expectedBaseFen: Fen | null;
  readonly paidBaseFen: Fen | null;
  readonly paidFen: Fen;
  /** Paid as the policy was known then; a notice that came later makes it another amount. No finding: a recalculation tops it up. */
  readonly isToTopUp: boolean;
}

const NO_FINDINGS: readonly CellFinding[] = [];

/** The worst of several findings by the severity order of the domain; `otherwise` when there is none. */
export function worstSituation(findings: readonly CellFinding[], otherwise: Situation): Situation {
  let worst: Situation = otherwise;
  let worstRank = FINDING_SITUATIONS.length as number;
  for (const { situation } of findings) {
    const rank = FINDING_SITUATIONS.indexOf(situation);
    if (rank < worstRank) {
      worst = situation;
      worstRank = rank;
    }
  }
  return worst;
}

export { NO_FINDINGS };
