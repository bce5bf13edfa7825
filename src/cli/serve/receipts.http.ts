/** What the addresses of tasks and receipts take and give. */
import { z } from 'zod';
import { CASE_STATES } from '../../backpay/case-states.js';

const tenant = z
  .string()
  .max(63, 'is longer than 63 characters')
  .optional()
  .meta({ description: 'Whose case; needed when the hub has several tenants' });

export const tasksQuery = z.strictObject({
  tenant,
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'is not a whole number of up to three digits')
    .transform(Number)
    .optional(),
});
export const receiptQuery = z.strictObject({
  tenant,
  reference: z.string().min(1, 'is empty').max(100, 'is longer than 100 characters').optional().meta({
    description: 'The number on the receipt; needed where no connection takes the application',
  }),
});
export const receiptShownQuery = z.strictObject({ tenant });

export const tasksAnswer = z.strictObject({
  today: z.string().meta({ format: 'date' }),
  tasks: z.array(
    z.looseObject({
      caseId: z.string(),
      idMasked: z.string(),
      what: z
        .enum(['carry', 'hand-in'])
        .meta({ description: 'hand-in: the form lies filled in the folder of the connection' }),
      who: z.string().nullable().meta({ description: 'Who asked the employee; none = any of HR' }),
      byDay: z.string().nullable().meta({ description: 'The last day to apply' }),
      daysLeft: z.int().nullable(),
    }),
  ),
});
export const receiptAnswer = z.strictObject({
  caseId: z.string(),
  state: z.enum(CASE_STATES),
  sha256: z
    .string()
    .meta({ description: 'Of the bytes as they came; the same stands in history, audit trail and evidence' }),
});

export const NAMED_RECEIPT_ANSWERS = { CaseTasks: tasksAnswer, ReceiptAttached: receiptAnswer } as const;
