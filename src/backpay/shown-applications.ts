/** Which of the applications that bureau or agency show are those of a case. Pure. */
import { type PersonInputs, type ShownApplication, cellKey } from '../reconcile/back-payment.reader.js';
import { billRef } from './billed-lines.js';
import type { CaseRow, CellKey } from './case.store.js';

type Sent = Pick<CaseRow, 'content' | 'remoteRef' | 'pastRefs'>;

/**
 * Of the connection it left through: the application of its number where that is known, else whatever was not there before it
 * left. An order that an earlier round or another case had paid or refused says nothing about this one.
 */
export function shownFor(
  { applications }: Pick<PersonInputs, 'applications'>,
  { content, remoteRef, pastRefs }: Sent,
  line: CellKey,
): readonly ShownApplication[] {
  return applications.filter(
    (each) =>
      each.connectionId === content?.connectionId &&
      cellKey(each) === cellKey(line) &&
      (remoteRef === null ? !pastRefs.includes(each.ref) : each.ref === remoteRef),
  );
}

/** What is shown of its months at the moment when it leaves: none of it can be its own. */
export function refsBefore(
  { applications, bills }: Pick<PersonInputs, 'applications' | 'bills'>,
  { content }: Pick<CaseRow, 'content'>,
): readonly string[] {
  const cells = new Set((content?.lines ?? []).map(cellKey));
  const isOfCase = (each: CellKey & { readonly connectionId: string }): boolean =>
    each.connectionId === content?.connectionId && cells.has(cellKey(each));
  const refs = applications.filter(isOfCase).map(({ ref }) => ref);
  const billRefs = bills.filter(isOfCase).map((bill) => bill.orderId ?? billRef(bill));
  return [...new Set([...refs, ...billRefs])].sort();
}
