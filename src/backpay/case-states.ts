/** Which lives a back-payment case can lead: its states, the moves between them, and in which of them its months are taken. */
import { defineStateMachine } from '../domain/state-machine.js';

export const CASE_STATES = [
  'detected',
  'proposed',
  'awaiting-employee',
  'confirmed',
  'declined',
  'expired',
  'awaiting-approval',
  'approved',
  'returned',
  'refused',
  'submitting',
  'submitted',
  'accepted',
  'partially-accepted',
  'rejected',
  'paid',
  'verified',
  'closed',
  'withdrawn',
  'reopened',
] as const;
export type CaseState = (typeof CASE_STATES)[number];

/** A case that ended without paying is followed by another case; one that paid goes on only by being reopened on evidence. */
export const CASE_MACHINE = defineStateMachine<CaseState>({
  name: 'back-payment case',
  initial: 'detected',
  moves: {
    detected: ['proposed', 'expired', 'withdrawn'],
    proposed: ['proposed', 'detected', 'awaiting-employee', 'expired', 'withdrawn'],
    'awaiting-employee': ['confirmed', 'declined', 'proposed', 'expired', 'withdrawn'],
    confirmed: ['awaiting-approval', 'proposed', 'expired', 'withdrawn'],
    'awaiting-approval': ['approved', 'returned', 'refused', 'proposed', 'expired', 'withdrawn'],
    returned: ['proposed', 'expired', 'withdrawn'],
    approved: ['submitting', 'proposed', 'expired', 'withdrawn'],
    submitting: ['submitted', 'rejected'],
    submitted: ['accepted', 'partially-accepted', 'rejected'],
    accepted: ['paid', 'rejected'],
    'partially-accepted': ['paid', 'rejected'],
    paid: ['verified', 'reopened'],
    verified: ['closed', 'reopened'],
    closed: ['reopened'],
    reopened: ['proposed', 'detected', 'expired', 'withdrawn'],
    declined: [],
    expired: [],
    refused: [],
    rejected: [],
    withdrawn: [],
  },
});

/** Ended without paying: its months are free for another case. */
export const DEAD_STATES = ['declined', 'expired', 'refused', 'rejected', 'withdrawn'] as const satisfies CaseState[];

/** Nothing has left yet: inputs may still change, and a change voids what was signed. */
export const OPEN_STATES = [
  'detected',
  'proposed',
  'awaiting-employee',
  'confirmed',
  'awaiting-approval',
  'returned',
  'approved',
  'reopened',
] as const satisfies CaseState[];

/** The application is at the bureau or the agency, or on its way. */
export const SENT_STATES = [
  'submitting',
  'submitted',
  'accepted',
  'partially-accepted',
  'paid',
] as const satisfies CaseState[];

/** Shown by the bureau's books; only a complete read that shows the months as unpaid again reopens the case. */
export const PAID_STATES = ['verified', 'closed'] as const satisfies CaseState[];

/** Whether two cases in these states may not hold the same month of the same insurance of one person. */
export function holdsMonths(state: CaseState): boolean {
  return !isOneOf(state, DEAD_STATES);
}

export function isOneOf<S extends CaseState>(state: CaseState, states: readonly S[]): state is S {
  return (states as readonly CaseState[]).includes(state);
}
