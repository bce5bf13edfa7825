/** On which base a cell was paid, when several postings together make up the month. */
import { fen, type Fen } from '../domain/fen.js';
import type { ContributionItem } from '../domain/records.js';
import { countedFen } from './postings.js';

/**
 * One posting: its base. Several: some bureaus print the difference on an adjustment, others the whole new base, and a
 * refund may carry either. The amounts decide: the candidate is taken whose proportion to a plain posting's base is
 * nearest to the proportion of the money. null where no counted posting tells a base.
 */
export function paidBase(rows: readonly ContributionItem[]): Fen | null {
  const counted = rows.filter(
    (row) => row.baseFen !== null && countedFen(row, row.employeeFen) + countedFen(row, row.employerFen) !== 0,
  );
  const [first] = counted;
  if (first === undefined) return null;
  if (counted.length === 1) return first.kind === 'refund' ? null : first.baseFen;
  const implied = impliedBase(counted);
  const candidates = candidateBases(counted);
  if (implied === null) return fen(candidates[0] ?? 0);
  let nearest = candidates[0] ?? 0;
  for (const candidate of candidates) {
    const isNearer = Math.abs(candidate - implied) < Math.abs(nearest - implied);
    if (isNearer || (candidate > nearest && Math.abs(candidate - implied) === Math.abs(nearest - implied)))
      nearest = candidate;
  }
  return fen(nearest);
}

/** The signed sum of the bases, and every base that one posting names. */
function candidateBases(counted: readonly ContributionItem[]): readonly number[] {
  let sum = 0;
  for (const row of counted) sum += row.kind === 'refund' ? -Math.abs(row.baseFen ?? 0) : (row.baseFen ?? 0);
  return [...new Set([sum, ...counted.map((row) => row.baseFen ?? 0)])].filter((base) => base > 0);
}

/** A full month's posting gives the proportion of base to money; the month's whole money then implies a base. */
function impliedBase(counted: readonly ContributionItem[]): number | null {
  const plain = counted.find((row) => row.kind === 'normal') ?? counted.find((row) => row.kind !== 'refund');
  if (plain === undefined || plain.baseFen === null) return null;
  const plainFen = Math.abs(plain.employeeFen + plain.employerFen);
  let sumFen = 0;
  for (const row of counted) sumFen += countedFen(row, row.employeeFen) + countedFen(row, row.employerFen);
  return plainFen === 0 ? null : (plain.baseFen * sumFen) / plainFen;
}
