/** How a template workbook is filled cell by cell: everything else in it stays as its author made it. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { init } from 'excelize-wasm';
import { HubError } from '../../domain/hub-error.js';
import type { FileWrite } from './file-manifest.schema.js';
import type { CellValue, FilledBatch } from './filled-values.js';

type Excelize = Awaited<ReturnType<typeof init>>;
type Workbook = ReturnType<Excelize['OpenReader']>;

const { resolve } = createRequire(import.meta.url);
let starting: Promise<Excelize> | null = null;

/** The library is a program of its own, which takes most of a second to start: only for who writes files, and once. */
function excelize(): Promise<Excelize> {
  starting ??= import('excelize-wasm').then((library) => library.init(resolve('excelize-wasm/excelize.wasm.gz')));
  return starting;
}

/** The bytes of the filled workbook. Throws HubError `bad-template-file` where the template cannot be filled. */
export async function fillWorkbook(
  template: string,
  write: FileWrite,
  batch: Pick<FilledBatch, 'cells' | 'rows'>,
): Promise<Buffer> {
  const bytes = await readFile(template).catch(() => {
    throw badTemplate(template, 'cannot be read; check the path, which is seen from the manifest');
  });
  const { OpenReader } = await excelize();
  const workbook = OpenReader(bytes);
  if (workbook.error !== null) throw badTemplate(template, `is no workbook: ${workbook.error}`);
  const sheet = sheetOf(workbook, template, write.sheet);
  const fill = new SheetFill(workbook, sheet, template);
  fill.cells(batch.cells);
  fill.rows(write, batch.rows);
  // Typed by the library with a word of browsers.
  const { buffer, error } = workbook.WriteToBuffer() as { readonly buffer: Uint8Array; readonly error: string | null };
  if (error !== null) throw badTemplate(template, `could not be written: ${error}`);
  return Buffer.from(buffer);
}

function sheetOf(workbook: Workbook, template: string, wanted: string | undefined): string {
  const { list } = workbook.GetSheetList();
  const sheet = wanted ?? list[0] ?? '';
  if (!list.includes(sheet)) throw badTemplate(template, `has no sheet "${sheet}", only ${list.join(', ')}`);
  return sheet;
}

class SheetFill {
  constructor(
    private readonly workbook: Workbook,
    private readonly sheet: string,
    private readonly template: string,
  ) {}

  cells(cells: Readonly<Record<string, CellValue>>): void {
    for (const [cell, value] of Object.entries(cells)) this.set(cell, value);
  }

  /** Every row gets the look of the first one. */
  rows({ row: first, insert, columns }: FileWrite, rows: FilledBatch['rows']): void {
    const { workbook, sheet } = this;
    if (insert && rows.length > 1) this.sure(workbook.InsertRows(sheet, first + 1, rows.length - 1));
    const looks = Object.keys(columns).map((column) => {
      const { style, error } = workbook.GetCellStyle(sheet, `${column}${first}`);
      this.sure({ error });
      return [column, style] as const;
    });
    for (const [index, values] of rows.entries()) {
      for (const [column, style] of looks) {
        const cell = `${column}${first + index}`;
        if (index > 0) this.sure(workbook.SetCellStyle(sheet, cell, cell, style));
        this.set(cell, values[column] ?? '');
      }
    }
  }

  /** Text goes in as text whatever it looks like: an identity number stays whole, and nothing becomes a formula. */
  private set(cell: string, value: CellValue): void {
    const { workbook, sheet } = this;
    this.sure(
      typeof value === 'number'
        ? workbook.SetCellFloat(sheet, cell, value, -1, 64)
        : workbook.SetCellStr(sheet, cell, value),
    );
  }

  private sure({ error }: { readonly error: string | null }): void {
    if (error !== null) throw badTemplate(this.template, `cannot be filled: ${error}`);
  }
}

function badTemplate(template: string, what: string): HubError {
  return new HubError({
    code: 'bad-template-file',
    next: 'fix-config',
    message: `The template ${template} ${what}.`,
    detail: { template },
  });
}
