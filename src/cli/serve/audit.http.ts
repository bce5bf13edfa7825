/** What the addresses of the audit trail take and give. */
import { z } from 'zod';
import { keptHeadSchema } from '../../platform/audit/kept-head.js';
import { tenantQuery } from './policy.http.js';

const text = (meaning: string): z.ZodOptional<z.ZodString> =>
  z.string().max(200, 'is longer than 200 characters').optional().meta({ description: meaning });

const wholeNumber = (largest: number): z.ZodCoercedNumber =>
  z.coerce.number().int('is not a whole number').min(1, 'is below 1').max(largest, `is above ${largest}`);

export const auditEventsQuery = z.strictObject({
  tenant: tenantQuery,
  action: text('Actions that begin so, for example case.'),
  actor: text('Who did it'),
  object: text('To what, for example case/0197…'),
  before: wholeNumber(Number.MAX_SAFE_INTEGER).optional().meta({ description: 'Only events before this number' }),
  limit: wholeNumber(1000).default(50),
});
export const auditHeadQuery = z.strictObject({ tenant: tenantQuery });

export const auditEventsAnswer = z.strictObject({
  events: z.array(
    z.strictObject({
      eventNo: z.int(),
      at: z.iso.datetime(),
      actor: z.string(),
      action: z.string(),
      object: z.string(),
      detail: z.looseObject({}),
      hash: z.string(),
    }),
  ),
});
export const auditHeadAnswer = keptHeadSchema;
