/** What the addresses of approvals take and give, checked as they stand here. */
import { z } from 'zod';
import { APPROVAL_KINDS } from '../approvals/approval.js';
import { isCursor } from '../approvals/list-approvals.js';
import { tenantQuery } from './policy.http.js';

const MOST_AT_ONCE = 500;

export const approvalsQuery = z.strictObject({
  tenant: tenantQuery,
  kind: z.enum(APPROVAL_KINDS, 'is not a kind of approval').optional(),
  after: z
    .string()
    .refine(isCursor, 'is not the "next" of a page')
    .optional()
    .meta({ description: '"next" of the page before' }),
  limit: z.coerce
    .number()
    .int('is not a whole number')
    .min(1, 'is below 1')
    .max(MOST_AT_ONCE, 'is above 500')
    .default(100),
});
export const approvalQuery = z.strictObject({ tenant: tenantQuery });

const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'is not a hash of 64 hex digits')
  .meta({ description: 'Of exactly what was looked at, as the list shows it' });
const reason = z.string().trim().min(3, 'is too short; expected why').max(500, 'is longer than 500 characters');
const acceptsUnverified = z.boolean().default(false).meta({
  description: 'That figures nobody confirmed were looked at; needed where there are any',
});

export const approveBody = z.strictObject({ tenant: tenantQuery, hash, acceptsUnverified });
export const rejectBody = z.strictObject({ tenant: tenantQuery, hash, reason });

/** Lines are checked one by one, so that a mistake in one stops no other. */
export const decideBody = z.strictObject({
  lines: z
    .array(z.looseObject({ id: z.unknown().optional().meta({ description: 'kind:id, as the list shows it' }) }))
    .min(1, 'is empty')
    .max(MOST_AT_ONCE, `is longer than ${MOST_AT_ONCE} lines`)
    .meta({ description: 'Each {id, decision: approve or reject, hash, reason?, acceptsUnverified?, tenant?}' }),
});
export const decideLine = z.strictObject({
  id: z.string().max(100, 'is longer than 100 characters'),
  decision: z.enum(['approve', 'reject'], 'is neither approve nor reject'),
  hash,
  reason: reason.optional().meta({ description: 'Needed to reject' }),
  acceptsUnverified,
  tenant: tenantQuery,
});

const approval = z.looseObject({
  id: z.string().meta({ description: 'kind:id' }),
  kind: z.enum(APPROVAL_KINDS),
  what: z.strictObject({ zh: z.string(), en: z.string() }),
  since: z.iso.datetime(),
  deadline: z.string().meta({ format: 'date' }).nullable(),
  hash: z.string(),
  makers: z.array(z.string()).meta({ description: 'Who may not approve it' }),
  unverified: z.array(z.string()),
  canApprove: z.boolean(),
  canReject: z.boolean(),
});
export const approvalsAnswer = z.strictObject({
  approvals: z.array(approval),
  next: z.string().nullable().meta({ description: 'The "after" of the next page; null = there is none' }),
});
export const decidedAnswer = z.strictObject({ id: z.string(), decision: z.enum(['approve', 'reject']) });
export const decidedManyAnswer = z.strictObject({
  results: z.array(
    z.strictObject({
      id: z.string().nullable().meta({ description: 'null = the line names none' }),
      status: z
        .int()
        .meta({ description: '200 decided, 404 not there, 409 not so, 422 mistakes in the line, 500 a fault' }),
      code: z.string(),
      message: z.string().nullable(),
    }),
  ),
});

export const NAMED_APPROVAL_ANSWERS = {
  Approvals: approvalsAnswer,
  Approval: approval,
  Decided: decidedAnswer,
  DecidedMany: decidedManyAnswer,
} as const;
