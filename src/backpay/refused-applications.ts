/** Which applications were refused, and whether one of them is told as paid after all: then its months may be paid already. */
import type { EntityManager } from 'typeorm';
import { type PersonInputs, type ShownApplication, cellKey } from '../reconcile/back-payment.reader.js';
import { stateOf } from './case-result.js';
import { type CaseRow, refusedRefsOf } from './case.store.js';

/** What is shown, by anybody and through whomever, for the months of a case. */
export function shownForMonths(
  { applications }: Pick<PersonInputs, 'applications'>,
  { content }: Pick<CaseRow, 'content'>,
): readonly ShownApplication[] {
  const cells = new Set((content?.lines ?? []).map(cellKey));
  return applications.filter((each) => cells.has(cellKey(each)));
}

/** The numbers of those that are refused, beside those known before; sorted. */
export function withRefused(known: readonly string[], shown: readonly ShownApplication[]): readonly string[] {
  const refused = shown.filter(({ state }) => stateOf(state) === 'rejected').map(({ ref }) => ref);
  return [...new Set([...known, ...refused])].sort();
}

/**
 * The number of an application for months of this case that was refused, in this case or another of the person, and is told
 * as paid now, while the books do not show the money; null = none. Whoever sent another one might pay twice: the office has to say which of its words counts.
 */
export async function paidAfterRefusal(
  em: EntityManager,
  tenantId: string,
  { row, inputs }: { readonly row: CaseRow; readonly inputs: Pick<PersonInputs, 'applications' | 'paid'> },
): Promise<string | null> {
  const shown = shownForMonths(inputs, row);
  const paid = shown.filter((each) => stateOf(each.state) === 'paid' && !inputs.paid.has(cellKey(each)));
  if (paid.length === 0) return null;
  const refused = await refusedRefsOf(em, tenantId, row.personId);
  return paid.find(({ ref }) => refused.includes(ref))?.ref ?? null;
}
