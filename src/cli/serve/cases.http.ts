/** What the addresses of back-payment cases take and give, checked as they stand here. */
import { z } from 'zod';
import { CASE_STATES } from '../../backpay/case-states.js';
import { INSURANCES } from '../../domain/insurance.js';
import { type Month, parseMonth } from '../../domain/month.js';

const tenant = z
  .string()
  .max(63, 'is longer than 63 characters')
  .optional()
  .meta({ description: 'Whose case; needed when the hub has several tenants' });
const caseId = z.guid('is not an id');
const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'is not a hash of 64 hex digits')
  .meta({
    description: 'Of exactly what was looked at, as the case shows it',
  });
const reason = z.string().min(1, 'is empty').max(500, 'is longer than 500 characters').optional();
const month = z.custom<Month>(
  (value) => typeof value === 'string' && parseMonth(value) !== null,
  'is not a month YYYY-MM',
);

export const casesQuery = z.strictObject({
  tenant,
  state: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(CASE_STATES, 'is not a state of a case')))
    .optional()
    .meta({ description: 'States separated by commas', example: 'awaiting-approval,approved' }),
  person: z.guid('is not an id').optional(),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, 'is not a whole number')
    .transform(Number)
    .optional(),
});
export const caseQuery = z.strictObject({ tenant });

export const proposeBody = z.strictObject({
  tenant,
  person: z.guid('is not an id'),
  origin: z.enum(['hr', 'employee']).default('hr').meta({ description: 'employee: who asks for oneself' }),
  only: z
    .array(z.strictObject({ insurance: z.enum(INSURANCES), month }))
    .min(1, 'is empty')
    .max(600, 'is too long')
    .optional()
    .meta({ description: 'Default: every month that lacks money' }),
});

const evidence = z.record(z.string().max(40), z.string().max(500)).default({}).meta({
  description: 'How the answer was given: way, language, hash of the text shown. Never a name or identity number',
});

export const actBody = z.strictObject({ tenant, reason });
export const answerBody = z.strictObject({ tenant, reason, hash, evidence });
const acceptsUnverified = z.boolean().default(false).meta({
  description: 'That figures nobody confirmed were looked at; needed where there are any',
});
export const approveBody = z.strictObject({ tenant, hash, acceptsUnverified });
export const rejectBody = z.strictObject({
  tenant,
  reason: reason.unwrap().meta({ description: 'What the counter said; kept without identity numbers' }),
});
export const reopenBody = z.strictObject({
  tenant,
  reason: reason.unwrap().meta({ description: 'What shows that the money never arrived, or came back' }),
});
export const sendBackBody = z.strictObject({ tenant, hash, reason: reason.unwrap() });
const reference = z.string().min(1).max(100).optional().meta({
  description: 'The receipt, where no connection takes the application',
});
export const submitBody = z.strictObject({ tenant, reason, reference });

const MOST_AT_ONCE = 500;
export const bulkApproveBody = z.strictObject({
  acceptsUnverified,
  cases: z.array(z.strictObject({ tenant, caseId, hash })).min(1).max(MOST_AT_ONCE),
});
export const bulkSubmitBody = z.strictObject({
  cases: z.array(z.strictObject({ tenant, caseId, reference })).min(1).max(MOST_AT_ONCE),
});

export const personBody = z.strictObject({
  tenant,
  connection: z
    .string()
    .min(1)
    .max(63)
    .meta({ description: 'The system that knows of the hiring, for example payroll' }),
  key: z.string().min(1).max(200).meta({ description: 'The key of the person there' }),
});

const day = z.string().meta({ format: 'date' });
const state = z.enum(CASE_STATES);
const fen = z.int().nullable().meta({ description: 'Fen; none while unknown' });

const summary = z.looseObject({
  caseId: z.string(),
  personId: z.string(),
  idMasked: z.string(),
  state,
  round: z.int(),
  months: z.array(z.string()),
  insurances: z.array(z.string()),
  employeeFen: fen,
  employerFen: fen,
  channel: z.enum(['online', 'counter', 'agency']).nullable(),
  lastDay: day.nullable(),
  daysLeft: z.int().nullable(),
  attention: z.string().nullable(),
  refusal: z
    .string()
    .nullable()
    .meta({ description: 'Why bureau or agency refused it, or some of its months, in their words' }),
});
export const casesAnswer = z.strictObject({ today: day, cases: z.array(summary) });
export const caseAnswer = summary.extend({
  hash: z.string().nullable(),
  lines: z.array(
    z.looseObject({
      ...{ insurance: z.string(), month: z.string(), state: z.string() },
      reason: z.string().nullable().meta({ description: 'Why it was refused, in the words of bureau or agency' }),
    }),
  ),
  advice: z.looseObject({ missing: z.array(z.string()), doubtful: z.array(z.string()) }),
});
export const historyAnswer = z.strictObject({
  events: z.array(
    z.looseObject({ kind: z.string(), from: state.nullable(), to: state.nullable(), actor: z.string(), onDay: day }),
  ),
});
export const movedAnswer = z.strictObject({ caseId: z.string(), state });
export const proposedAnswer = z.strictObject({ made: z.array(z.string()), standing: z.array(z.string()) });
export const bulkAnswer = z.strictObject({
  results: z.array(
    z.strictObject({
      caseId: z.string(),
      outcome: z.string().meta({ description: 'moved, or the code of why not' }),
      state: state.nullable(),
      message: z.string().nullable(),
    }),
  ),
});
export const personAnswer = z.strictObject({
  personId: z.string().nullable(),
  reads: z.array(z.strictObject({ connection: z.string(), run: z.string(), changed: z.int() })),
  notKnownAt: z
    .array(z.string())
    .meta({ description: 'Bureaus that have not shown this person yet: the next full run reads them' }),
});

export const NAMED_CASE_ANSWERS = {
  Cases: casesAnswer,
  Case: caseAnswer,
  CaseHistory: historyAnswer,
  CaseMoved: movedAnswer,
  CasesProposed: proposedAnswer,
  CasesMoved: bulkAnswer,
  PersonRead: personAnswer,
} as const;
