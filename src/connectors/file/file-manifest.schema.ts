/** What a manifest of a system without an interface may say: which files a person or a job puts into a folder, and which files the hub writes there. */
import { z } from 'zod';
import { nameSchema } from '../http/field.schema.js';
import { manifestHead } from '../http/manifest.schema.js';
import { readSchema } from '../http/read.schema.js';
import { WRITE_KINDS, type WriteKind } from '../port.js';

const templateText = z.string().min(1).max(4096);
const columnLetters = z.string().regex(/^[A-Z]{1,3}$/, 'is not a column; expected letters such as C or AB');
const cellName = z.string().regex(/^[A-Z]{1,3}[1-9]\d{0,6}$/, 'is not a cell; expected for example B2');
const rowNumber = z.number().int().min(1).max(1_048_576);

/** Inside the folder; only the name may hold `*`. */
const filePattern = z
  .string()
  .min(1)
  .max(500)
  .refine((pattern) => isInside(pattern), 'leads out of the folder; expected for example inbox/contributions-*.xlsx')
  .refine((pattern) => !pattern.slice(0, pattern.lastIndexOf('/') + 1).includes('*'), 'may hold * in the name only')
  .refine((pattern) => /\.(?:xlsx|xls|csv)$/i.test(pattern), 'has no known ending; expected .xlsx, .xls or .csv');

/** Whether a relative path stays where it is. */
export function isInside(path: string): boolean {
  return !path.startsWith('/') && !/[\\:]/.test(path) && !path.split('/').some((step) => step === '..' || step === '');
}

const { after, owner, includesLeavers, filterRow, deleted, emit } = readSchema.shape;

export const fileReadSchema = z.strictObject({
  files: filePattern.describe('Where the files lie, seen from the folder; * stands for any letters of the name'),
  take: z
    .enum(['newest', 'all'])
    .default('newest')
    .describe('newest: the last file replaces the ones before; all: every file is a part of the whole'),
  maxAgeHours: z
    .number()
    .min(1)
    .max(24 * 366)
    .default(48)
    .describe('An older file is read, but its silence proves nothing'),
  settleSeconds: z
    .number()
    .int()
    .min(0)
    .max(3600)
    .default(30)
    .describe('A file changed within this time may still be being copied and is left alone'),
  sheet: z.string().min(1).max(31).optional().describe('Name of the sheet; the first one when absent'),
  header: rowNumber.optional().describe('The row that holds the names of the columns; 1 when absent'),
  columns: z
    .record(z.string().min(1).max(200), columnLetters)
    .optional()
    .describe('Names for columns whose headings cannot be used; then firstRow says where the rows begin'),
  firstRow: rowNumber.optional(),
  csv: z
    .strictObject({
      delimiter: z.string().length(1).default(','),
      encoding: z.enum(['utf-8', 'gb18030']).default('utf-8'),
    })
    .prefault({}),
  after,
  owner,
  includesLeavers,
  filterRow,
  deleted,
  emit,
});
export type FileRead = z.infer<typeof fileReadSchema>;

export const fileWriteSchema = z.strictObject({
  template: z.string().min(1).max(500).describe('The workbook that is filled in; its path is seen from the manifest'),
  sheet: z.string().min(1).max(31).optional(),
  row: rowNumber.describe('The row of the first item; its look is that of all items'),
  insert: z.boolean().default(true).describe('What stands below moves down; false: it is written over'),
  columns: z.record(columnLetters, templateText).describe('Column → template of the value of one item'),
  cells: z.record(cellName, templateText).default({}).describe('Cells filled once: ${today}, ${count}, ${batchId}'),
  file: templateText.describe('Name of the written file, seen from the folder; must hold ${batchId}'),
  batch: z.number().int().min(1).max(10_000).default(500).describe('Most items in one file'),
});
export type FileWrite = z.infer<typeof fileWriteSchema>;

const writesByKind = z.strictObject(
  Object.fromEntries(WRITE_KINDS.map((kind) => [kind, fileWriteSchema.optional()])) as Record<
    WriteKind,
    z.ZodOptional<typeof fileWriteSchema>
  >,
);

export const fileManifestSchema = z
  .strictObject({
    ...manifestHead,
    transport: z.literal('files'),
    folder: templateText.describe('The folder, as an absolute path; usually ${config.folder}'),
    maxFileBytes: z.number().int().min(1024).max(1_073_741_824).default(67_108_864),
    reads: z.record(nameSchema, fileReadSchema).default({}),
    writes: writesByKind.default({}),
  })
  .describe('A system that buduan reaches through files in a folder');

/** A manifest that fits the schema; whether its names and templates fit each other is checked by loadManifest. */
export type FileManifest = z.infer<typeof fileManifestSchema>;
