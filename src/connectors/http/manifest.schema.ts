/** What a manifest may say: one strict schema of the whole file, the single source of its types, its checks and its JSON Schema. */
import { z } from 'zod';
import { ROLES } from '../../domain/situation.js';
import { WRITE_KINDS, type WriteKind } from '../port.js';
import { authSchema, limitsSchema, messagePathSchema, repliesSchema, signSchema } from './auth.schema.js';
import { nameSchema } from './field.schema.js';
import { readSchema, requestSchema } from './read.schema.js';
import { webhookSchema } from './webhook/webhook.schema.js';
import { writeSchema } from './write.schema.js';

const configValueSchema = z.strictObject({
  type: z.enum(['url', 'text', 'integer', 'boolean']),
  about: z.string().min(1).max(500).describe('One sentence for whoever fills it in'),
  optional: z.boolean().optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
});
export type ConfigValue = z.infer<typeof configValueSchema>;

const writesByKind = z.strictObject(
  Object.fromEntries(WRITE_KINDS.map((kind) => [kind, writeSchema.optional()])) as Record<
    WriteKind,
    z.ZodOptional<typeof writeSchema>
  >,
);

/** What every manifest begins with, whatever way its system is reached. */
export const manifestHead = {
  manifest: z.literal(1).describe('Version of the manifest language'),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is not an id; expected small letters, digits and hyphens'),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'is not a version; expected three numbers such as 1.0.0, in quotes'),
  title: z.strictObject({ zh: z.string().min(1), en: z.string().min(1) }),
  role: z.enum(ROLES),
  config: z.record(nameSchema, configValueSchema).default({}),
  codes: z.record(nameSchema, z.record(z.string(), z.string())).default({}),
};

export const manifestSchema = z
  .strictObject({
    ...manifestHead,
    secrets: z.array(nameSchema).default([]),
    baseUrl: z.string().min(1).max(2048),
    auth: authSchema,
    sign: signSchema.optional(),
    limits: limitsSchema.prefault({}),
    replies: repliesSchema.default([]),
    message: messagePathSchema.optional(),
    check: z
      .strictObject({ request: requestSchema })
      .optional()
      .describe('A cheap request that proves reachability and credentials'),
    reads: z.record(nameSchema, readSchema),
    writes: writesByKind.default({}),
    webhook: webhookSchema.optional(),
  })
  .describe('A system that buduan can read and write over HTTP');

/** A manifest that fits the schema; whether its names and templates fit each other is checked by loadManifest. */
export type Manifest = z.infer<typeof manifestSchema>;
export type CodeTables = Manifest['codes'];
/** What the fields of a manifest may refer to. */
export type FieldWords = Pick<Manifest, 'config' | 'codes'>;
