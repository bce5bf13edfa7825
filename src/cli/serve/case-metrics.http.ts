/** What the address of the figures of cases takes and gives. */
import { z } from 'zod';
import { CASE_STATES } from '../../backpay/case-states.js';

export const metricsQuery = z.strictObject({
  tenant: z
    .string()
    .max(63, 'is longer than 63 characters')
    .optional()
    .meta({ description: 'Whose cases; needed when the hub has several tenants' }),
});

const spread = (what: string) =>
  z
    .strictObject({ median: z.number(), most: z.number() })
    .nullable()
    .meta({ description: `${what}; none while no case was verified` });

export const caseMetricsAnswer = z.strictObject({
  today: z.string().meta({ format: 'date' }),
  withinDays: z.int(),
  verified: z.int().meta({ description: 'Cases that were verified within these days; the figures are theirs' }),
  days: spread('Days from the detection to the books of the bureau'),
  hrActions: spread('Acts of people of HR'),
  employeeActions: spread('Acts of the employee'),
  hubSeconds: spread('Seconds in which nobody but the hub was waited for'),
  cases: z.partialRecord(z.enum(CASE_STATES), z.int()).meta({ description: 'How many there are by state now' }),
});
