/** What every source said of one month, kept with the findings that rest on several sources: their records may change later. Pure. */
import { compareText } from '../domain/compare-text.js';
import type { Fen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Day, Month } from '../domain/month.js';
import type { Stream } from '../domain/records.js';
import type { RegionCode } from '../domain/region.js';
import { BILL_SITUATIONS, type FindingSituation, type Role } from '../domain/situation.js';
import { chargedBy } from './billed-cells.js';
import type { FactsByStream, Sourced } from './person-facts.js';

/** Amounts in fen as the source gave them, days in hundredths. Never a name or an identity number. */
export type SaidOfMonth =
  | {
      readonly stream: 'contributions';
      readonly insurance: Insurance;
      readonly kind: string;
      readonly state: string;
      readonly payer: string;
      readonly region: RegionCode;
      readonly baseFen: Fen | null;
      readonly employeeFen: Fen;
      readonly employerFen: Fen;
    }
  | {
      readonly stream: 'wages';
      readonly grossFen: Fen;
      /** Withheld for the insurance of the finding; null = the payslip names none. */
      readonly withheldFen: Fen | null;
      readonly state: string | null;
    }
  | {
      readonly stream: 'employments';
      readonly employmentId: string;
      readonly employer: string;
      readonly region: RegionCode;
      readonly hiredOn: Day;
      readonly leftOn: Day | null;
    }
  | {
      readonly stream: 'attendance';
      readonly requiredDaysHundredths: number;
      readonly workedDaysHundredths: number;
    }
  | { readonly stream: 'orders'; readonly orderId: string; readonly kind: string; readonly state: string }
  | {
      readonly stream: 'bills';
      readonly billId: string;
      readonly state: string;
      readonly billedMonth: Month;
      readonly orderId: string | null;
      readonly baseFen: Fen | null;
      /** Current amounts and what is paid back. */
      readonly employeeFen: Fen;
      readonly employerFen: Fen;
      readonly paidFen: Fen | null;
    }
  | { readonly stream: 'submissions'; readonly submissionId: string; readonly kind: string; readonly state: string };

export type SourceWord = SaidOfMonth & {
  readonly connectionId: string;
  readonly role: Role;
  readonly ownerKey: string;
};

/**
 * Kept with these alone: they say that sources contradict each other, and are few. What one source does not show needs no
 * words, and mismatched bases can be as many as there are people.
 */
const KEPT_WITH: ReadonlySet<FindingSituation> = new Set([
  'withheld-not-remitted',
  'double-coverage',
  'paid-not-due',
  'conflict',
  ...BILL_SITUATIONS,
]);

export function keepsWords(situation: FindingSituation): boolean {
  return KEPT_WITH.has(situation);
}

/** In order of stream and source. `insurance` null = the employment as a whole. */
export function wordsOf(facts: FactsByStream, insurance: Insurance | null, month: Month): readonly SourceWord[] {
  const words: SourceWord[] = [];
  const add = <S extends Stream>(
    stream: S,
    saying: (value: FactsByStream[S][number]['value']) => SaidOfMonth | null,
  ): void => {
    const said: SourceWord[] = [];
    for (const each of facts[stream] as readonly Sourced<FactsByStream[S][number]['value']>[]) {
      const word = saying(each.value);
      const { connectionId, role, ownerKey } = each;
      if (word !== null) said.push({ connectionId, role, ownerKey, ...word });
    }
    // The order in which records and items arrive must never decide anything.
    words.push(...said.sort((a, b) => compareText(JSON.stringify(a), JSON.stringify(b))));
  };
  const concerns = (of: Insurance): boolean => insurance === null || of === insurance;
  add('contributions', (value) => {
    if (value.month !== month || !concerns(value.insurance)) return null;
    const { kind, state, payer, region, baseFen, employeeFen, employerFen } = value;
    const { insurance: of } = value;
    return {
      stream: 'contributions',
      insurance: of,
      ...{ kind, state, payer, region, baseFen, employeeFen, employerFen },
    };
  });
  add('wages', (value) => {
    if (value.month !== month) return null;
    const withheldFen = insurance === null ? null : (value.withheld?.[insurance] ?? null);
    return { stream: 'wages', grossFen: value.grossFen, withheldFen, state: value.state ?? null };
  });
  add('employments', ({ employmentId, employer, region, hiredOn, leftOn }) => ({
    stream: 'employments',
    ...{ employmentId, employer, region, hiredOn, leftOn },
  }));
  add('attendance', ({ month: of, requiredDaysHundredths, workedDaysHundredths }) =>
    of === month ? { stream: 'attendance', requiredDaysHundredths, workedDaysHundredths } : null,
  );
  add('orders', ({ orderId, kind, state, months, insurances }) =>
    months.includes(month) && insurances.some(concerns) ? { stream: 'orders', orderId, kind, state } : null,
  );
  add('submissions', ({ submissionId, kind, state, effectiveMonth, insurance: of }) =>
    effectiveMonth === month && concerns(of) ? { stream: 'submissions', submissionId, kind, state } : null,
  );
  add('bills', (value) => {
    const { billId, state, billedMonth, orderId = null, baseFen = null, paidFen = null } = value;
    if (value.month !== month || !concerns(value.insurance)) return null;
    return { stream: 'bills', billId, state, billedMonth, orderId, baseFen, ...chargedBy([value]), paidFen };
  });
  return words;
}
