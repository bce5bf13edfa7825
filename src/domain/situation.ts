/** How a cell (employment × insurance × month) and a person are judged: the closed lists every room speaks. */

export const SITUATIONS = [
  'paid',
  'not-due',
  'inconclusive',
  'gap-suspected',
  'gap',
  'gap-before-hire',
  'back-payment-pending',
  'base-mismatch',
  'amount-mismatch',
  'withheld-not-remitted',
  'paid-not-due',
  'double-coverage',
  'conflict',
  'billed-not-ordered',
  'bill-mismatch',
] as const;
export type Situation = (typeof SITUATIONS)[number];

/** How a paid base differs from the expected one. */
export type BaseMismatchKind = 'below-floor' | 'above-cap' | 'low' | 'high';

/** What every system must agree on: 正常 · 断缴 · 补缴中 · 停保 · 待核实. */
export const PERSON_STATUSES = ['insured', 'gap', 'back-paying', 'stopped', 'inconclusive'] as const;
export type PersonStatus = (typeof PERSON_STATUSES)[number];

/** The four kinds of outside system. */
export const ROLES = ['bureau', 'payroll', 'attendance', 'agency'] as const;
export type Role = (typeof ROLES)[number];

/** Situations that open a finding, worst first: this order is the severity order. */
export const FINDING_SITUATIONS = [
  'withheld-not-remitted',
  'gap',
  'gap-before-hire',
  'conflict',
  'double-coverage',
  'paid-not-due',
  'base-mismatch',
  'amount-mismatch',
  'billed-not-ordered',
  'bill-mismatch',
  'gap-suspected',
] as const satisfies readonly Situation[];
export type FindingSituation = (typeof FINDING_SITUATIONS)[number];

/** Findings about what an agency's bill charges. They stand beside the judgement of a month and never change it. */
export const BILL_SITUATIONS = ['billed-not-ordered', 'bill-mismatch'] as const satisfies readonly FindingSituation[];
