/** Facts about whose application it is that a bureau or an agency shows. */
import { month } from '../domain/month.js';
import type { ShownApplication } from '../reconcile/back-payment.reader.js';
import type { CaseContent } from './case-content.js';
import { refsBefore, shownFor } from './shown-applications.js';

const JANUARY = { insurance: 'pension', month: month('2023-01') } as const;
const shown = (ref: string, state: ShownApplication['state'], connectionId = 'agency'): ShownApplication => ({
  ...{ connectionId, ref, state, reason: null },
  ...JANUARY,
});
const content = { connectionId: 'agency', lines: [JANUARY] } as unknown as CaseContent;
const refs = (of: readonly ShownApplication[]): readonly string[] => of.map(({ ref }) => ref);

it('an order that was there before the case left is not its own, whatever became of it', () => {
  const before = [shown('BJ1', 'done'), shown('BJ2', 'failed'), shown('SQ1', 'paid', 'bureau')];
  const pastRefs = refsBefore({ applications: before, bills: [] }, { content });
  expect(pastRefs).toEqual(['BJ1', 'BJ2']);
  const sent = { content, remoteRef: null, pastRefs };
  expect(shownFor({ applications: before }, sent, JANUARY)).toEqual([]);
  expect(refs(shownFor({ applications: [...before, shown('BJ3', 'pending')] }, sent, JANUARY))).toEqual(['BJ3']);
});

it('where the number is known, that application alone counts', () => {
  const sent = { content, remoteRef: 'BJ3', pastRefs: ['BJ1'] };
  const applications = [shown('BJ1', 'done'), shown('BJ3', 'pending'), shown('BJ4', 'done')];
  expect(refs(shownFor({ applications }, sent, JANUARY))).toEqual(['BJ3']);
});
