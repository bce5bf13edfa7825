/** How a manifest describes a write: its class, batch, request, items and what the reply says of each item. */
import { z } from 'zod';
import { matchSchema, pathSchema } from './field.schema.js';
import { requestSchema } from './read.schema.js';
import type { WriteKind } from '../port.js';

export const writeClassSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('overwrite') }),
  z.strictObject({ type: z.literal('keyed'), ttlHours: z.number().min(0.01).max(100_000) }),
  z.strictObject({
    type: z.literal('queryable'),
    consistent: z.boolean(),
    maxProcessingMs: z.number().int().min(0).max(604_800_000),
  }),
  z.strictObject({ type: z.literal('blind') }),
]);

/** Per-item results: rows of the reply, matched to the items by one of their values. */
export const resultsSchema = z.strictObject({
  rows: pathSchema,
  key: pathSchema.describe('Path in a result row of what it is about'),
  matches: z.string().describe('Variable of the item that the key equals: owner, idempotencyKey, orderId …'),
  ok: matchSchema.optional().describe('When a result row means yes; without it every row names a failure'),
  unlisted: z.enum(['ok', 'unknown']).default('unknown').describe('What an item without a result row means'),
  code: pathSchema.optional(),
  message: pathSchema.optional(),
  ref: pathSchema.optional().describe("Path in a result row of the target's own reference"),
});
export type Results = z.infer<typeof resultsSchema>;

/** How to ask whether an operation arrived; rows with a matching key, or a rule on the whole reply. */
export const querySchema = z.strictObject({
  request: requestSchema,
  rows: pathSchema.optional(),
  key: pathSchema.optional(),
  matches: z.string().optional(),
  found: matchSchema.optional(),
  notFound: matchSchema.optional(),
});
export type QuerySpec = z.infer<typeof querySchema>;

export const writeSchema = z.strictObject({
  class: writeClassSchema,
  batch: z
    .number()
    .int()
    .min(1, 'is too small; expected 1 to 10000 items a request')
    .max(10_000, 'is too large; expected 1 to 10000 items a request'),
  request: requestSchema,
  lines: z
    .json()
    .optional()
    .describe(
      'Back-payments only. Template of one line of a case; the item holds them all as ${lines}. Without it lines are sent one by one',
    ),
  item: z.json().optional().describe('Template of one item; the request holds them all as ${items}'),
  idempotencyKey: z
    .strictObject({ header: z.string().regex(/^[A-Za-z0-9-]{1,128}$/, 'is not a header name') })
    .optional(),
  results: resultsSchema.optional(),
  ref: pathSchema
    .optional()
    .describe("Path in the reply of the target's own reference, for writes without per-item results"),
  query: querySchema.optional(),
});
export type Write = z.infer<typeof writeSchema>;

const COMMON_VARIABLES = ['owner', 'operationId', 'idempotencyKey', 'identity', 'employeeNo', 'previous'] as const;

/** What the item template of each kind of write may name. */
export const WRITE_VARIABLES: Readonly<Record<WriteKind, readonly string[]>> = {
  status: [...COMMON_VARIABLES, 'status'],
  bases: [...COMMON_VARIABLES, 'bases', 'effectiveMonth'],
  'order-state': [...COMMON_VARIABLES, 'orderId', 'orderState'],
  declaration: [...COMMON_VARIABLES, 'insurance', 'baseFen', 'effectiveMonth', 'region'],
  'back-payment': [
    ...COMMON_VARIABLES,
    'insurance',
    'insurances',
    'lines',
    'month',
    'months',
    'region',
    'baseFen',
    'employeeFen',
    'employerFen',
    'lateFeeFen',
    'effectiveMonth',
    'caseId',
  ],
};

/** What the template of one line of a case may name. */
export const LINE_VARIABLES = ['insurance', 'month', 'baseFen', 'employeeFen', 'employerFen'] as const;
