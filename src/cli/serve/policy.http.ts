/** What the policy's addresses take and give: the queries, checked as they stand here, and the answers. */
import { z } from 'zod';
import { INSURANCES } from '../../domain/insurance.js';
import { RECORD_STATUSES } from '../../policy/policy-record.js';
import { backPaymentRequest, quoteRequest, regionsRequest } from '../../policy/policy-request.schema.js';

export const tenantQuery = z
  .string()
  .max(63, 'is longer than 63 characters')
  .optional()
  .meta({ description: 'Which tenant; needed by the administrator of a hub with several, a key means its own' });

const packVersion = z.string().max(20, 'is longer than 20 characters').optional().meta({
  description: 'An edition that was taken in; default: the one that counts for the tenant',
  example: '2026.11.0',
});

const edition = { tenant: tenantQuery, packVersion };
export const quoteQuery = quoteRequest.extend(edition);
export const backPaymentQuery = backPaymentRequest.extend(edition);
export const regionsQuery = regionsRequest.extend(edition);

const day = z.string().meta({ format: 'date' });
const fen = z.int().meta({ description: 'Fen: 1/100 yuan' });
const names = z.strictObject({ zh: z.string(), en: z.string() });
const insurance = z.enum(INSURANCES);
const sentences = z.strictObject({ zh: z.array(z.string()), en: z.array(z.string()) });

const figure = z.strictObject({
  parameter: z.string(),
  value: z.string().meta({ description: 'As written in the file; none = known to be absent' }),
  unit: z.string().nullable(),
  status: z.enum([...RECORD_STATUSES, 'provisional']),
  provisionalSince: day.nullable(),
  recordStatus: z.enum(RECORD_STATUSES),
  region: z.string().meta({ description: 'Where the value comes from' }),
  regionName: names,
  scope: z.string(),
  effectiveFrom: day.nullable(),
  effectiveTo: day.nullable(),
  publishedOn: day.nullable(),
  verifiedOn: day,
  documentNo: z.string().nullable(),
  authority: z.string().nullable(),
  sources: z.array(z.string()),
  overlay: z.strictObject({ by: z.string(), on: day, reason: z.string() }).nullable(),
  conflicts: z.array(z.strictObject({ value: z.string(), source: z.string() })),
  note: z.string().nullable(),
});

const side = z.strictObject({
  amountFen: fen.nullable(),
  ratePpm: z.int().nullable().meta({ description: 'Parts per million' }),
  fixedFen: fen.nullable(),
  rate: figure.nullable(),
  fixed: z.array(figure),
  missing: z.array(z.string()),
});

export const quoteAnswer = z.strictObject({
  policyVersion: z.string(),
  region: z.string(),
  regionName: names,
  month: z.string(),
  knownAt: day,
  wageFen: fen,
  hukou: z.enum(['local', 'other']).nullable(),
  industryClass: z.int().nullable(),
  insurances: z.array(
    z.strictObject({
      insurance,
      floor: figure.nullable(),
      cap: figure.nullable(),
      baseRounding: figure.nullable(),
      baseFen: fen.nullable(),
      clamp: z.enum(['none', 'floor', 'cap', 'fixed']).nullable(),
      employee: side,
      employer: side,
      doubtful: z.boolean(),
    }),
  ),
  totals: z.strictObject({ employeeFen: fen, employerFen: fen, bothFen: fen, complete: z.boolean() }),
  missing: z.array(z.string()).meta({ description: 'Policy keys a tenant may set, and facts that were not told' }),
});

const paidSide = z.looseObject({ known: z.boolean() });
const verdict = z.enum(['eligible', 'refused', 'unknown']);

export const backPaymentAnswer = z.looseObject({
  verdict,
  region: z.string(),
  policyVersion: z.string(),
  channels: z.array(
    z.looseObject({
      channel: z.enum(['online', 'counter', 'agency']),
      verdict,
      reasons: z.array(z.looseObject({ code: z.string() })),
      conditions: z.array(z.looseObject({ code: z.string() })),
      deadlines: z.array(z.looseObject({ day, because: z.string(), rule: figure })),
      lastDay: day.nullable(),
    }),
  ),
  lastDay: day.nullable().meta({ description: 'The last day to apply; null = none, or no limit' }),
  registerUntil: day.nullable(),
  cells: z.array(
    z.looseObject({
      month: z.string(),
      insurance,
      baseFen: fen.nullable(),
      employee: paidSide,
      employer: paidSide,
      lateFee: z.looseObject({
        known: z.boolean(),
        fen: fen.optional(),
        days: z.int().optional(),
        segments: z.array(z.strictObject({ from: day, until: day, days: z.int(), ratePpm: z.int() })).optional(),
      }),
    }),
  ),
  totals: z.strictObject({ employeeFen: fen, employerFen: fen, lateFeeFen: fen }),
  missing: z.array(z.string()),
  text: sentences,
});

export const regionsAnswer = z.strictObject({
  policyVersion: z.string(),
  regions: z.array(z.strictObject({ code: z.string(), zh: z.string(), en: z.string() })),
});

export const errorAnswer = z.strictObject({
  code: z.string(),
  message: z.string(),
  next: z.enum(['retry', 'fix-config', 'ask-person', 'bug']),
});

/** What the document names once and refers to. */
export const NAMED_ANSWERS = {
  Figure: figure,
  Quote: quoteAnswer,
  BackPayment: backPaymentAnswer,
  Regions: regionsAnswer,
  Error: errorAnswer,
} as const;
