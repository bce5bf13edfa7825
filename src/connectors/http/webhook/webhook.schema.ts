/** How a manifest says that its system calls the hub: the Zod fragment behind `webhook`. */
import { z } from 'zod';
import { nameSchema, pathSchema, plainValueSchema } from '../field.schema.js';

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'is not a header name')
  .transform((name) => name.toLowerCase());
const secretName = nameSchema.describe('Name of a secret of the connection; several live values are divided by blanks');
const ownerText = z
  .string()
  .min(1)
  .max(256)
  .describe('The receiver the event must be meant for; a template over config');

export const WEBHOOK_ALGORITHMS = ['sha1', 'sha256', 'sha512'] as const;

export const webhookSchemeSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('standard-webhooks'), secret: secretName }),
  z.strictObject({ type: z.literal('dingtalk'), token: secretName, aesKey: secretName, owner: ownerText }),
  z.strictObject({ type: z.literal('feishu'), encryptKey: secretName, token: secretName }),
  z.strictObject({ type: z.literal('wecom'), token: secretName, aesKey: secretName, owner: ownerText }),
  z.strictObject({
    type: z.literal('hmac'),
    algorithm: z.enum(WEBHOOK_ALGORITHMS).default('sha256'),
    secret: secretName,
    keyEncoding: z.enum(['utf8', 'base64', 'hex']).default('utf8'),
    header: headerName.describe('Where the signature travels'),
    prefix: z.string().max(64).default('').describe('Text before the signature, for example "sha256="'),
    encode: z.enum(['hex', 'base64']).default('hex'),
    over: z
      .string()
      .min(1)
      .max(256)
      .default('${timestamp}.${body}')
      .describe('What is signed, over timestamp, id and body'),
    timestamp: z.strictObject({ header: headerName, unit: z.enum(['seconds', 'ms']).default('seconds') }),
    id: z.strictObject({ header: headerName }).optional().describe('Where the delivery id travels; sign it too'),
  }),
]);
export type WebhookScheme = z.infer<typeof webhookSchemeSchema>;

export const webhookSchema = z
  .strictObject({
    scheme: webhookSchemeSchema,
    ageSeconds: z.int().min(1).max(3600).default(300).describe('Older or more future calls are refused'),
    maxBodyBytes: z.int().min(256).max(1_048_576).default(262_144),
    deliveryId: pathSchema
      .optional()
      .describe('Path in the event of what makes a delivery unique; by default what the scheme says'),
    event: z
      .strictObject({ path: pathSchema, in: z.array(plainValueSchema).min(1).optional() })
      .optional()
      .describe('Where the type of event stands, and which types concern records that are read'),
    owners: z.array(pathSchema).min(1).describe('Paths of the keys of the persons concerned; a path may find a list'),
    againSeconds: z
      .array(z.number().min(0.05).max(86_400))
      .max(8)
      .default([5, 60])
      .describe('When to read again after a read that found nothing changed: sources call before they commit'),
    apply: z
      .strictObject({
        read: nameSchema.describe('The read whose mapping the rows in the event follow'),
        rows: pathSchema.describe('Where the rows stand in the event'),
        version: pathSchema.describe('A whole number that grows with every change of a person'),
      })
      .optional()
      .describe('For systems that cannot be asked for single persons: what the event itself says'),
  })
  .describe('How the system calls the hub when something changed');
export type WebhookSpec = z.infer<typeof webhookSchema>;

/** Names of the secrets that a scheme uses; a connection that gives none of them receives nothing. */
export function webhookSecretNames(scheme: WebhookScheme): readonly string[] {
  switch (scheme.type) {
    case 'standard-webhooks':
    case 'hmac':
      return [scheme.secret];
    case 'dingtalk':
    case 'wecom':
      return [scheme.token, scheme.aesKey];
    case 'feishu':
      return [scheme.encryptKey, scheme.token];
  }
}
