/** What the addresses that make links take and give. */
import { z } from 'zod';

export const linkRequest = z.strictObject({
  tenant: z
    .string()
    .max(63, 'is longer than 63 characters')
    .optional()
    .meta({ description: 'Which tenant; a key means its own' }),
  days: z.int('is not a whole number').min(1, 'is below 1').max(30, 'is above 30').default(7),
});
export const linkAnswer = z.strictObject({
  link: z.string().meta({ description: 'The address for the employee; shown once' }),
  linkId: z.string(),
  expiresAt: z.iso.datetime(),
});
export const linkEndRequest = linkRequest.pick({ tenant: true });
export const linkEndAnswer = z.strictObject({ linkId: z.string(), revoked: z.literal(true) });
