/** What of a case an employee hears: what he is asked, that his answer was taken, and what becomes of it. Pure. */
import type { Event } from './event-data.js';

const TOLD = [
  ...['awaiting-employee', 'confirmed', 'declined', 'expired', 'withdrawn', 'approved', 'refused'],
  ...['submitted', 'accepted', 'partially-accepted', 'rejected', 'paid', 'verified', 'reopened'],
];
/** He may never have heard of the case. */
const BEFORE_ASKING: readonly (string | null)[] = [null, 'detected', 'proposed'];

/** Steps between HR, checker and hub, and the end of a case that he was never asked about, are not his. */
export function concernsEmployee({ type, personId, data }: Event): boolean {
  if (personId === null || !type.startsWith('case.')) return false;
  if ('due' in data) return data.due === 'answer';
  if (!('to' in data) || !TOLD.includes(data.to)) return false;
  return !(['expired', 'withdrawn'].includes(data.to) && BEFORE_ASKING.includes(data.from));
}

/** Whether he is to do something, and needs his page for it. */
export function asksEmployee(type: string): boolean {
  return type === 'case.awaiting-employee' || type === 'case.answer-due';
}
