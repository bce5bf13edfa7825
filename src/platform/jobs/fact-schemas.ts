/** What a job's payload must look like on receipt: one schema per fact, checked against the fact's type. */
import { z } from 'zod';
import type { FactName, Facts } from '../../domain/facts.js';
import { INSURANCES } from '../../domain/insurance.js';
import { type Day, type Month, parseDay, parseMonth } from '../../domain/month.js';

const daySchema = z.custom<Day>(
  (value) => typeof value === 'string' && parseDay(value) !== null,
  'expected a day YYYY-MM-DD',
);
const monthSchema = z.custom<Month>(
  (value) => typeof value === 'string' && parseMonth(value) !== null,
  'expected a month YYYY-MM',
);
const personIdsSchema = z.array(z.guid()).max(500);
const judgedPersons = { tenantId: z.string().min(1), runId: z.guid(), asOf: daySchema, personIds: personIdsSchema };
const ofCase = { tenantId: z.string().min(1), caseId: z.guid() };

// Absent in what an earlier release of the hub posted.
const roundSchema = z.int().positive().nullable().default(null);

/** Unknown fields are dropped: a newer node may say more than this one understands. */
export const FACT_SCHEMAS: { readonly [N in FactName]: z.ZodType<Facts[N]> } = {
  WebhookReceived: z.object({
    fact: z.literal('WebhookReceived'),
    tenantId: z.string().min(1),
    connectionId: z.string().min(1),
  }),
  RecordsChanged: z.object({
    fact: z.literal('RecordsChanged'),
    tenantId: z.string().min(1),
    runId: z.guid(),
    asOf: daySchema,
    batchNo: z.int().nonnegative().nullable(),
    personIds: personIdsSchema,
  }),
  CorrectionPlanned: z.object({
    fact: z.literal('CorrectionPlanned'),
    tenantId: z.string().min(1),
    runId: z.guid(),
    personIds: personIdsSchema.nullable(),
  }),
  OperationsDue: z.object({
    fact: z.literal('OperationsDue'),
    tenantId: z.string().min(1),
    connectionId: z.string().min(1),
  }),
  PolicyPublished: z.object({
    fact: z.literal('PolicyPublished'),
    tenantId: z.string().min(1),
    version: z.string().min(1),
    beforeVersion: z.string().min(1),
    asOf: daySchema,
  }),
  RunCompleted: z.object({
    fact: z.literal('RunCompleted'),
    tenantId: z.string().min(1),
    runId: z.guid(),
    asOf: daySchema,
    state: z.enum(['succeeded', 'partial', 'failed', 'cancelled']),
    operations: z.int().nonnegative(),
  }),
  RunSuspended: z.object({
    fact: z.literal('RunSuspended'),
    tenantId: z.string().min(1),
    runId: z.guid(),
    planId: z.guid(),
    reasons: z.array(z.string()).max(20),
    operations: z.int().nonnegative(),
  }),
  FindingsMoved: z.object({
    fact: z.literal('FindingsMoved'),
    tenantId: z.string().min(1),
    runId: z.guid(),
    personIds: personIdsSchema.nullable(),
  }),
  OperationsStuck: z.object({
    fact: z.literal('OperationsStuck'),
    tenantId: z.string().min(1),
    connectionId: z.string().min(1),
  }),
  ConnectionMoved: z.object({
    fact: z.literal('ConnectionMoved'),
    tenantId: z.string().min(1),
    connectionId: z.string().min(1),
    health: z.enum(['up', 'down']),
    reason: z.string().max(200).nullable(),
  }),
  CaseMoved: z.object({
    fact: z.literal('CaseMoved'),
    tenantId: z.string().min(1),
    caseId: z.guid(),
    personId: z.guid(),
    from: z.string().max(64).nullable(),
    to: z.string().min(1).max(64),
    moveNo: z.int().nonnegative(),
  }),
  CaseDue: z.object({
    fact: z.literal('CaseDue'),
    tenantId: z.string().min(1),
    caseId: z.guid(),
    personId: z.guid(),
    state: z.string().min(1).max(64),
    due: z.enum(['answer', 'application', 'silence']),
    day: daySchema.nullable(),
    eventNo: z.int().nonnegative(),
  }),
  NotificationsDue: z.object({
    fact: z.literal('NotificationsDue'),
    tenantId: z.string().min(1),
    endpointId: z.string().min(1),
  }),
  FindingOpened: z.object({ fact: z.literal('FindingOpened'), ...judgedPersons }),
  FindingClosed: z.object({ fact: z.literal('FindingClosed'), ...judgedPersons }),
  CaseApproved: z.object({
    fact: z.literal('CaseApproved'),
    ...ofCase,
    hash: z.string().length(64),
    asOf: daySchema,
  }),
  OperationSettled: z.object({
    fact: z.literal('OperationSettled'),
    ...ofCase,
    round: roundSchema,
    state: z.enum(['acknowledged', 'rejected', 'cancelled', 'unknown', 'needs-human', 'dead']),
    code: z.string().nullable(),
    remoteRef: z.string().nullable(),
    // Absent in what an earlier release of the hub posted.
    refused: z
      .array(
        z.object({ insurance: z.enum(INSURANCES), month: monthSchema, reason: z.string().nullable().default(null) }),
      )
      .max(1000),
    reason: z.string().nullable().default(null),
  }),
  CaseVerified: z.object({
    fact: z.literal('CaseVerified'),
    ...ofCase,
    personId: z.guid().nullable().default(null),
    round: roundSchema,
  }),
  CaseReopened: z.object({ fact: z.literal('CaseReopened'), ...ofCase, personId: z.guid(), round: z.int().positive() }),
};
