/** What the addresses of findings take and give, checked as they stand here. */
import { z } from 'zod';
import { INSURANCES } from '../../domain/insurance.js';
import { type Day, type Month, parseDay, parseMonth } from '../../domain/month.js';
import { FINDING_SITUATIONS } from '../../domain/situation.js';
import { tenantQuery } from './policy.http.js';

const id = z.guid('is not an id').meta({ format: 'uuid' });
const month = z
  .custom<Month>((value) => typeof value === 'string' && parseMonth(value) !== null, 'is not a month YYYY-MM')
  .meta({ type: 'string', example: '2026-08' });
const day = z
  .custom<Day>((value) => typeof value === 'string' && parseDay(value) !== null, 'is not a day YYYY-MM-DD')
  .meta({ type: 'string', format: 'date' });
const yesOrNo = z.enum(['true', 'false'], 'is neither true nor false').transform((text) => text === 'true');

export const findingsQuery = z.strictObject({
  tenant: tenantQuery,
  kind: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(FINDING_SITUATIONS, 'is not a situation that opens a finding')))
    .optional()
    .meta({ description: 'Situations separated by commas', example: 'withheld-not-remitted,double-coverage' }),
  state: z.enum(['open', 'closed', 'all'], 'is not open, closed or all').default('open'),
  person: id.optional(),
  connection: z.string().max(63).optional().meta({ description: 'Findings that rest on a record of this connection' }),
  insurance: z
    .enum([...INSURANCES, '*'], 'is not an insurance')
    .optional()
    .meta({ description: 'Also those of an employment as a whole, which are *' }),
  from: month.optional().meta({ description: 'With a month from this one on, YYYY-MM' }),
  to: month.optional().meta({ description: 'With a month up to this one, YYYY-MM' }),
  run: id.optional().meta({ description: 'Findings that this run opened or closed' }),
  setAside: yesOrNo.optional().meta({ description: 'true or false: only those set aside today, or only the others' }),
  after: id.optional().meta({ description: '"next" of the page before' }),
  limit: z.coerce.number().int('is not a whole number').min(1, 'is below 1').max(1000, 'is above 1000').default(100),
});
export const findingQuery = z.strictObject({ tenant: tenantQuery });

const reason = z.string().trim().min(3, 'is too short; expected why').max(500, 'is longer than 500 characters');
export const setAsideBody = z.strictObject({
  tenant: tenantQuery,
  reason,
  until: day.meta({ description: 'The last day on which it counts, a year ahead at most' }),
});
export const takeBackBody = z.strictObject({ tenant: tenantQuery, reason });

const fen = z.int().nullable().optional().meta({ description: 'Fen; null while unknown' });
const word = z.looseObject({
  connectionId: z.string(),
  role: z.string(),
  ownerKey: z.string(),
  stream: z.string(),
});
const charged = z.looseObject({ employeeFen: fen, employerFen: fen });
const bill = z.looseObject({
  ...{ connectionId: z.string(), billIds: z.array(z.string()), orderIds: z.array(z.string()) },
  charged: charged.meta({ description: 'Current amounts and what is paid back, of the lines in effect' }),
  expected: charged.nullable().meta({ description: 'null = nothing to hold it against' }),
  paidIn: z.looseObject({ dueFen: fen, paidFen: fen }).nullable(),
});
const setAside = z.strictObject({
  by: z.string(),
  at: z.iso.datetime(),
  reason: z.string(),
  until: z.string().meta({ format: 'date' }),
});
const finding = z.looseObject({
  findingId: z.string(),
  personId: z.string(),
  idMasked: z.string(),
  employmentId: z.string(),
  insurance: z.string().meta({ description: '* = the employment as a whole' }),
  situation: z.enum(FINDING_SITUATIONS),
  months: z.array(z.string()),
  detail: z.looseObject({
    effectFen: fen,
    months: z.array(
      z.looseObject({
        ...{ month: z.string(), effectFen: fen, paidBaseFen: fen, expectedBaseFen: fen },
        bill: bill.optional().meta({ description: 'With billed-not-ordered and bill-mismatch' }),
        words: z
          .array(word)
          .optional()
          .meta({ description: 'What every source said then; with findings that rest on several' }),
      }),
    ),
    evidence: z.array(z.string()).meta({ description: 'The records it rests on: connection/stream/owner key' }),
  }),
  openedAt: z.iso.datetime(),
  openedRunId: z.string(),
  evidenceAt: z.iso.datetime().meta({ description: 'Since when the evidence is what it is' }),
  closedAt: z.iso.datetime().nullable(),
  closedRunId: z.string().nullable(),
  setAside: setAside.nullable(),
});
export const findingsAnswer = z.strictObject({
  findings: z.array(finding),
  next: z.string().nullable().meta({ description: 'The "after" of the next page; null = there is none' }),
});
const run = z.looseObject({ runId: z.string(), mode: z.string(), trigger: z.string(), policyVersion: z.string() });
export const findingAnswer = finding.extend({
  openedBy: run.nullable(),
  closedBy: run.nullable(),
  reads: z.array(
    z.looseObject({
      ...{ connectionId: z.string(), stream: z.string(), ownerKey: z.string() },
      readAt: z.iso.datetime().nullable(),
      unchangedSince: z.iso.datetime().nullable(),
      goneAt: z.iso.datetime().nullable(),
    }),
  ),
  marks: z.array(z.looseObject({ kind: z.enum(['set-aside', 'taken-back']), by: z.string(), reason: z.string() })),
  now: z
    .looseObject({
      asOf: z.string(),
      policyVersion: z.string(),
      months: z.array(
        z.looseObject({
          month: z.string(),
          insurance: z.string(),
          claims: z.looseObject({ paid: z.array(z.unknown()) }),
        }),
      ),
    })
    .nullable()
    .meta({ description: 'How its months stand by what is stored now: claims of every source, base, amounts owed' }),
});

export const NAMED_FINDING_ANSWERS = { Findings: findingsAnswer, Finding: findingAnswer } as const;
