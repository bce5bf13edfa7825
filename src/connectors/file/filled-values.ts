/** Which values the templates of a written file may name, and what they become for one batch of operations. */
import { createHash } from 'node:crypto';
import type { Day } from '../../domain/month.js';
import { HubError } from '../../domain/hub-error.js';
import { compileOrThrow, compileText, type TemplateScope, type TemplateValues } from '../http/template.js';
import { scalarText } from '../http/mapping/scalar-text.js';
import { WRITE_VARIABLES } from '../http/write.schema.js';
import type { Json, WriteItem, WriteKind, WriteOutcome } from '../port.js';
import type { FileManifest, FileWrite } from './file-manifest.schema.js';

const OF_FILE = ['batchId', 'today'];

export function writeScopes(
  kind: WriteKind,
  manifest: Pick<FileManifest, 'config' | 'codes'>,
): { readonly item: TemplateScope; readonly file: TemplateScope } {
  const config = Object.keys(manifest.config).map((name) => `config.${name}`);
  const { codes } = manifest;
  return {
    item: { variables: [...WRITE_VARIABLES[kind], 'number', ...OF_FILE, ...config], codes },
    file: { variables: [...OF_FILE, 'count', ...config], codes },
  };
}

/** What is written into one cell: a number stays a number, everything else is text. */
export type CellValue = string | number;

export interface FilledBatch {
  readonly batchId: string;
  /** Seen from the folder. */
  readonly file: string;
  readonly cells: Readonly<Record<string, CellValue>>;
  /** One per item that fits the templates: column → value. */
  readonly rows: readonly Readonly<Record<string, CellValue>>[];
  readonly items: readonly WriteItem[];
  /** Items whose values a template could not turn. */
  readonly refused: readonly WriteOutcome[];
}

export interface FillContext {
  readonly kind: WriteKind;
  readonly manifest: FileManifest;
  readonly write: FileWrite;
  readonly config: TemplateValues;
  readonly today: Day;
}

/** Renders a batch. The same items, in whatever order, always have the same `batchId`. Throws HubError `template-value` for the values of the file. */
export function fillBatch(items: readonly WriteItem[], context: FillContext): FilledBatch {
  const { kind, manifest, write } = context;
  const scopes = writeScopes(kind, manifest);
  const where = `writes.${kind}`;
  const columns = Object.entries(write.columns).map(
    ([column, template]) => [column, compileOrThrow(template, scopes.item, `${where}.columns.${column}`)] as const,
  );
  const ofFile = { batchId: batchIdOf(items), today: context.today, config: context.config };
  const rows: Record<string, CellValue>[] = [];
  const filled: WriteItem[] = [];
  const refused: WriteOutcome[] = [];
  for (const item of items) {
    const row = attempted(item, () => {
      const values = { ...ofFile, ...item.values, ...idsOf(item), number: rows.length + 1 };
      return Object.fromEntries(columns.map(([column, render]) => [column, cellValue(render(values))]));
    });
    if ('outcome' in row) refused.push(row);
    else {
      rows.push(row.value);
      filled.push(item);
    }
  }
  const whole = { ...ofFile, count: rows.length };
  const cells = Object.entries(write.cells).map(([cell, template]) => {
    const render = compileOrThrow(template, scopes.file, `${where}.cells.${cell}`);
    return [cell, cellValue(render(whole))] as const;
  });
  const file = compileText(write.file, scopes.file, `${where}.file`)(whole);
  return { batchId: ofFile.batchId, file, cells: Object.fromEntries(cells), rows, items: filled, refused };
}

function idsOf({ ownerKey, operationId, idempotencyKey }: WriteItem): TemplateValues {
  return { owner: ownerKey, operationId, idempotencyKey };
}

function batchIdOf(items: readonly WriteItem[]): string {
  const keys = items.map(({ idempotencyKey }) => idempotencyKey).sort();
  return createHash('sha256').update(keys.join('\n')).digest('hex').slice(0, 12);
}

/** A template that cannot turn a value is the item's fault, not the file's. */
function attempted<T>(item: WriteItem, build: () => T): { readonly value: T } | WriteOutcome {
  try {
    return { value: build() };
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    return { operationId: item.operationId, outcome: 'rejected', code: error.code, message: error.message };
  }
}

function cellValue(value: Json | undefined): CellValue {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return value;
  return scalarText(value) ?? JSON.stringify(value);
}
