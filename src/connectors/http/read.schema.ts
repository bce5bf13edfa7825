/** How a manifest describes a read: its requests, pages, windows, batches, shapes and the records it emits. */
import { z } from 'zod';
import { STREAMS, type Stream } from '../../domain/records.js';
import {
  fieldSchema,
  matchSchema,
  monthFieldSchema,
  nameSchema,
  pathSchema,
  plainValueSchema,
} from './field.schema.js';

const templateText = z.string().min(1).max(4096);
const templateMap = z.record(z.string().min(1).max(128), z.union([z.string().max(4096), z.number(), z.boolean()]));

/** Exactly one of the methods, with a path (may hold templates) as its value; at most one of json and form. */
export const requestSchema = z.strictObject({
  get: templateText.optional(),
  post: templateText.optional(),
  put: templateText.optional(),
  patch: templateText.optional(),
  delete: templateText.optional(),
  query: templateMap.optional(),
  headers: templateMap.optional(),
  json: z.json().optional(),
  form: templateMap.optional(),
});
export type RequestSpec = z.infer<typeof requestSchema>;
export const REQUEST_METHODS = [
  'get',
  'post',
  'put',
  'patch',
  'delete',
] as const satisfies readonly (keyof RequestSpec)[];

const maxPages = z
  .number()
  .int()
  .min(1)
  .max(1_000_000)
  .default(100_000)
  .describe('More pages than this end the read as incomplete');
const total = pathSchema.optional().describe('Where the reply says how many rows there are; checked at the end');
const more = pathSchema.optional().describe('Where the reply says whether more rows follow');
const lastPage = z
  .enum(['empty', 'short'])
  .optional()
  .describe('A page without rows, or with fewer than "size", proves the end');
const size = z.number().int().min(1).max(100_000).optional().describe('Rows of a full page');

export const pagingSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none'), total }),
  z.strictObject({
    type: z.literal('cursor'),
    next: pathSchema,
    total,
    more,
    absent: z.enum(['end']).optional().describe('The reply leaves "next" out on the last page'),
    lastPage,
    size,
    maxPages,
  }),
  z.strictObject({
    type: z.literal('page'),
    first: z.union([z.literal(0), z.literal(1)]),
    pages: pathSchema.optional(),
    total,
    more,
    lastPage,
    size,
    maxPages,
  }),
  z.strictObject({
    type: z.literal('offset'),
    limit: z.number().int().min(1).max(100_000),
    advance: z.enum(['rows', 'limit']).default('rows'),
    total,
    more,
    lastPage,
    maxPages,
  }),
  z.strictObject({
    type: z.literal('next-link'),
    path: pathSchema.optional(),
    header: z.literal(true).optional(),
    total,
    absent: z.enum(['end']).optional(),
    maxPages,
  }),
  z.strictObject({ type: z.literal('scroll'), id: pathSchema, next: requestSchema, total, maxPages }),
]);
export type Paging = z.infer<typeof pagingSchema>;

const pivotSchema = z.strictObject({ path: pathSchema, key: pathSchema, value: pathSchema, into: nameSchema });

/** Where the rows of a reply are: a path, rows with key–value fields to pivot, or a table with a header row. */
export const rowsObjectSchema = z.strictObject({
  path: pathSchema.optional(),
  pivot: pivotSchema.optional(),
  header: pathSchema.optional(),
  values: pathSchema.optional(),
  none: z.array(plainValueSchema).min(1).optional().describe('What the system answers instead of an empty list'),
});
export const rowsSchema = z.union([pathSchema, rowsObjectSchema]);
export type Rows = z.infer<typeof rowsSchema>;

const position = nameSchema.optional().describe('Name under which the place in the list is found, counted from 1');
const skipWhenEmpty = pathSchema.optional().describe('Elements without a value here are skipped');
export const expandSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('items'), path: pathSchema, skipWhenEmpty, position }),
  z.strictObject({
    type: z.literal('zip'),
    arrays: z.union([z.array(nameSchema).min(1), z.record(nameSchema, pathSchema)]),
    skipWhenEmpty,
    position,
  }),
  z.strictObject({
    type: z.literal('months'),
    from: monthFieldSchema,
    last: monthFieldSchema.optional(),
    until: monthFieldSchema.optional(),
    into: nameSchema,
  }),
]);
export type Expand = z.infer<typeof expandSchema>;

export const revisionsSchema = z.strictObject({
  by: z.array(z.string()).min(1).describe('Emitted fields that say which item it is'),
  order: pathSchema.optional().describe('What the revisions are ordered by; not needed for first and last'),
  keep: z.enum(['highest', 'lowest', 'last', 'first']),
});
export type Revisions = z.infer<typeof revisionsSchema>;

export const emitSchema = z.strictObject({
  key: z.array(z.string()).min(1).optional().describe('Fields that tell items of one person apart'),
  expand: expandSchema.optional(),
  filterRow: matchSchema.optional().describe('Only these rows are records of this stream'),
  deleted: matchSchema.optional().describe('These rows are deleted in the source'),
  fields: z.record(z.string(), fieldSchema),
  revisions: revisionsSchema.optional(),
});
export type Emit = z.infer<typeof emitSchema>;

const emitByStream = z.strictObject(
  Object.fromEntries(STREAMS.map((stream) => [stream, emitSchema.optional()])) as Record<
    Stream,
    z.ZodOptional<typeof emitSchema>
  >,
);

export const windowSchema = z.strictObject({
  stream: z.enum(STREAMS),
  unit: z
    .enum(['year', 'month', 'day'])
    .describe('One request per calendar year, per "months" months, or per "days" days'),
  months: z.number().int().min(1).max(120).optional(),
  days: z.number().int().min(1).max(366).optional(),
});
export type Window = z.infer<typeof windowSchema>;

const batch = z
  .number()
  .int()
  .min(1, 'is too small; expected 1 to 1000 persons a request')
  .max(1000, 'is too large; expected 1 to 1000 persons a request');

export const readSchema = z.strictObject({
  request: requestSchema,
  targeted: z.strictObject({ batch, request: requestSchema.optional(), paging: pagingSchema.optional() }).optional(),
  find: z
    .strictObject({ batch, request: requestSchema, paging: pagingSchema.optional() })
    .optional()
    .describe('How persons are looked for by identity number whose key here is not known yet'),
  after: z.array(z.string()).default([]),
  owners: z.strictObject({ from: z.string(), batch }).optional(),
  window: windowSchema.optional(),
  rows: rowsSchema,
  paging: pagingSchema,
  owner: pathSchema.describe("Path of this system's id of the person"),
  includesLeavers: z.boolean().default(false),
  json: z.array(pathSchema).min(1).optional().describe('Places in a row that hold JSON written as text'),
  filterRow: matchSchema.optional(),
  deleted: matchSchema.optional(),
  emit: emitByStream,
});
export type Read = z.infer<typeof readSchema>;
