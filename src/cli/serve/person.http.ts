/** What the addresses of one person take and give. */
import { z } from 'zod';
import { tenantQuery } from './policy.http.js';

export const identityRequest = z.strictObject({
  tenant: tenantQuery,
  reason: z
    .string()
    .trim()
    .min(3, 'is too short; expected why the number must be seen')
    .max(200, 'is longer than 200 characters'),
});
export const identityAnswer = z.strictObject({ personId: z.string(), idType: z.string(), idNumber: z.string() });
