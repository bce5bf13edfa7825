/** What may stand in the policy's YAML files: region files, rule files, overlays, the pack and its sources. */
import { z } from 'zod';
import { parseDay } from '../domain/month.js';
import { parseRegion } from '../domain/region.js';

const DAY = z
  .string()
  .refine((text) => parseDay(text) !== null, 'is not a day; expected YYYY-MM-DD, for example 2023-07-01');
const TEXT = z.string().min(1, 'is empty; expected text').max(1000, 'is longer than 1000 characters');
const REGION_KEY = z
  .string()
  .refine(
    (text) => parseRegion(text) !== null,
    "is not a region code; expected six digits of GB/T 2260 in quotes, for example '440300'",
  );

/** Where a date comes from when the source does not state it as such. */
const DATE_BASES = ['stated', 'policy-row date', 'year-only', 'assumed-from-year-label'] as const;

const common = {
  value: z.string().min(1, "is empty; expected text, 'none' or 'unknown'").max(500, 'is longer than 500 characters'),
  unit: TEXT.optional(),
  effective_from: z.union([DAY, z.literal('undated')]),
  /** Last day in force. `unknown` = limited in time, but nobody knows until when; a note must say so. */
  effective_to: z.union([DAY, z.literal('unknown')]).optional(),
  document_no: TEXT.optional(),
  authority: TEXT.optional(),
  published_on: DAY.optional(),
  note: TEXT.optional(),
};

const packRecord = z.strictObject({
  ...common,
  effective_from_basis: z.enum(DATE_BASES).optional(),
  status: z.enum(['confirmed', 'reported', 'unverified']),
  sources: z.array(TEXT).min(1, 'is empty; expected at least one key of policy/sources.yaml'),
  url: z.url('is not a web address').optional(),
  verified_on: DAY.optional(),
  /** A person who compared the value with the notice on `verified_on`; imports leave such a value alone. */
  verified_by: TEXT.optional(),
  conflicts: z.array(z.strictObject({ value: TEXT, source: TEXT })).optional(),
  conflict_reason: TEXT.optional(),
});

const overlayRecord = z.strictObject({
  ...common,
  note: TEXT,
  confirmedBy: TEXT.optional(),
  confirmedOn: DAY.optional(),
});

function byScope<T extends z.ZodType>(record: T) {
  const dated = z.array(record).min(1, 'is empty; expected at least one dated value');
  return z.record(z.string(), z.record(z.string(), dated));
}

/** policy/regions/<code>.yaml: the figures of one region. */
export const regionFileSchema = z.strictObject({
  region: REGION_KEY,
  name: z.strictObject({ zh: TEXT, en: TEXT }),
  verified_on: DAY,
  parameters: byScope(packRecord),
});

/** policy/rules/<topic>.yaml: rules that are not figures, by hand. */
export const ruleFileSchema = z.strictObject({
  about: TEXT,
  verified_on: DAY,
  regions: z.record(REGION_KEY, byScope(packRecord)),
});

/** A tenant's own values; who confirmed them, when and why is part of the file. */
export const overlayFileSchema = z.strictObject({
  overlay: z.literal(1),
  tenant: TEXT,
  about: TEXT.optional(),
  confirmedBy: TEXT,
  confirmedOn: DAY,
  reason: TEXT,
  regions: z.record(REGION_KEY, byScope(overlayRecord)),
});

/** policy/PACK.yaml: which edition of the policy this is. */
export const packFileSchema = z.strictObject({
  version: z
    .string()
    .regex(/^\d{4}\.\d{1,2}\.\d+$/, 'is not a version; expected year.month.number, for example 2026.11.0'),
  released_on: DAY,
  /** A standing value that nobody checked for so many months is answered as provisional. */
  verified_for_months: z.int().min(1).max(120),
});

/** policy/sources.yaml: what the keys in `sources` stand for. */
export const sourcesFileSchema = z.strictObject({
  sources: z.record(
    z.string(),
    z.strictObject({
      kind: z.enum(['law', 'repository', 'page', 'public-file']),
      title: TEXT,
      url: z.url('is not a web address').optional(),
      path: TEXT.optional(),
      commit: TEXT.optional(),
    }),
  ),
});

export type PackRecordText = z.output<typeof packRecord>;
export type OverlayRecordText = z.output<typeof overlayRecord>;
export type PolicySource = z.output<typeof sourcesFileSchema>['sources'][string];
