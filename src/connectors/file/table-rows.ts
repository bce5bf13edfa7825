/** How the rows of a workbook or CSV file become plain rows: column names as keys, cells as text, numbers and days. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import type { CellObject, WorkBook, WorkSheet } from '@e965/xlsx';
import { parse as parseCsv } from 'csv-parse';
import { ExactNumber } from '../http/exact-json.js';
import { scalarText } from '../http/mapping/scalar-text.js';
import { faultOfFolder, unreadable } from './file-faults.js';
import type { FileRead } from './file-manifest.schema.js';

export type TableRow = Readonly<Record<string, unknown>>;
type TableShape = Pick<FileRead, 'sheet' | 'header' | 'columns' | 'firstRow' | 'csv'>;
type Cells = readonly unknown[];

type Xlsx = typeof import('@e965/xlsx');

/** Loaded by whoever reads a workbook: it is large, and most hubs never do. */
const xlsx = (): Promise<Xlsx> => import('@e965/xlsx');

/** The part of the library that knows number formats; it comes without types. */
interface Formats {
  readonly is_date: (format: string) => boolean;
  readonly parse_date_code: (
    serial: number,
    options: { readonly date1904: boolean },
  ) => Readonly<Record<'y' | 'm' | 'd' | 'H' | 'M' | 'S', number>>;
}

/** Where the columns are and where the rows begin, both counted from 0. */
interface Layout {
  readonly columns: readonly { readonly name: string; readonly index: number }[];
  readonly firstRow: number;
}

/**
 * Yields the rows that hold anything, in order. A workbook is held in memory whole, a CSV file is streamed. Throws
 * ConnectorError `file-unreadable` naming what is missing, `folder-refused`.
 */
export async function* tableRows(path: string, shape: TableShape, signal: AbortSignal): AsyncGenerator<TableRow> {
  const lines = /\.csv$/i.test(path) ? csvLines(path, shape, signal) : workbookLines(path, shape);
  const { columns: named, firstRow, header = 1 } = shape;
  let layout: Layout | null =
    named === undefined ? null : { columns: namedColumns(named), firstRow: (firstRow ?? 1) - 1 };
  let number = 0;
  for await (const cells of lines) {
    if (layout === null) {
      if (number === header - 1) layout = { columns: headedColumns(cells), firstRow: (firstRow ?? header + 1) - 1 };
    } else if (number >= layout.firstRow) {
      const row = rowOf(cells, layout);
      if (row !== null) yield row;
    }
    number += 1;
  }
  if (layout === null) throw unreadable(`it has ${number} rows, and the headings are expected in row ${header}`);
}

async function* csvLines(path: string, { csv }: TableShape, signal: AbortSignal): AsyncGenerator<Cells> {
  const lines = parseCsv({ delimiter: csv.delimiter, relaxColumnCount: true, bom: true, skipEmptyLines: false });
  // What fails on the way ends the parser too, and is met where its lines are read.
  pipeline(createReadStream(path, { signal }), decoding(csv.encoding), lines, () => undefined);
  try {
    for await (const line of lines) yield line as Cells;
  } catch (error) {
    throw csvFault(error, csv.encoding);
  }
}

/** Text out of bytes. Throws where they cannot be of this encoding, instead of putting question marks in. */
function decoding(encoding: string): (bytes: AsyncIterable<Uint8Array>) => AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  return async function* (bytes) {
    for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  };
}

function csvFault(error: unknown, encoding: string): unknown {
  const { code } = (typeof error === 'object' && error !== null ? error : {}) as { readonly code?: unknown };
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
    return unreadable(`its bytes are not ${encoding}; see csv.encoding`);
  if (typeof code === 'string' && code.startsWith('CSV_')) return unreadable(`the CSV is broken: ${code}`);
  return faultOfFolder(error);
}

async function* workbookLines(path: string, shape: TableShape): AsyncGenerator<Cells> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw faultOfFolder(error);
  });
  const { sheet, ...how } = sheetOf(await xlsx(), bytes, shape.sheet);
  const rows = sheet['!data'] ?? [];
  for (let index = 0; index < rows.length; index += 1) yield cellsOf(rows[index], how);
}

interface CellReading {
  readonly formats: Formats;
  /** Whether days are counted from 1904, as old Macintosh programs do. */
  readonly date1904: boolean;
}

function sheetOf(
  library: Xlsx,
  bytes: Buffer,
  wanted: string | undefined,
): CellReading & { readonly sheet: WorkSheet } {
  const workbook = openWorkbook(library, bytes, wanted);
  const name = wanted ?? workbook.SheetNames[0] ?? '';
  const sheet = workbook.Sheets[name];
  if (sheet === undefined)
    throw unreadable(`it has no sheet ${JSON.stringify(name)}, only ${workbook.SheetNames.join(', ')}`);
  return { sheet, formats: library.SSF as Formats, date1904: workbook.Workbook?.WBProps?.date1904 === true };
}

function openWorkbook({ read }: Xlsx, bytes: Buffer, wanted: string | undefined): WorkBook {
  // A text file would be taken for a workbook of one column; every workbook begins with one of these.
  const isWorkbook = bytes.subarray(0, 2).toString('latin1') === 'PK' || bytes.readUInt16BE(0) === 0xd0cf;
  if (bytes.length < 8 || !isWorkbook) throw unreadable('it is no workbook; a web page or text is often named .xls');
  try {
    return read(bytes, {
      dense: true,
      cellNF: true,
      cellHTML: false,
      cellFormula: false,
      ...(wanted === undefined ? { sheets: 0 } : { sheets: wanted }),
    });
  } catch {
    throw unreadable('it is no workbook, it is broken, or it is locked with a password');
  }
}

function cellsOf(row: readonly (CellObject | undefined)[] | undefined, how: CellReading): Cells {
  return row === undefined ? [] : Array.from(row, (cell) => (cell === undefined ? undefined : cellValue(cell, how)));
}

/** Numbers as they are stored; beyond 2^53 they are marked, because the spreadsheet has rounded them already. */
function cellValue({ t: type, v: value, w: shown, z: format }: CellObject, how: CellReading): unknown {
  if (value === undefined || value === null) return undefined;
  if (type === 'e') return shown ?? '#ERROR';
  if (type !== 'n' || typeof value !== 'number') return value;
  if (typeof format === 'string' && how.formats.is_date(format)) return dayText(value, how);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? new ExactNumber(BigInt(value).toString()) : value;
}

/** `2023-03-01`, with the time where there is one. A workbook knows no zones: what it shows is what is meant. */
function dayText(serial: number, { formats, date1904 }: CellReading): string {
  const { y, m, d, H, M, S } = formats.parse_date_code(serial, { date1904 });
  const two = (part: number): string => String(Math.floor(part)).padStart(2, '0');
  const day = `${y}-${two(m)}-${two(d)}`;
  return H + M + S === 0 ? day : `${day} ${two(H)}:${two(M)}:${two(S)}`;
}

function namedColumns(named: Readonly<Record<string, string>>): Layout['columns'] {
  return Object.entries(named).map(([name, letters]) => ({ name, index: columnIndex(letters) }));
}

/** `A` = 0, `AA` = 26. */
function columnIndex(letters: string): number {
  return Array.from(letters).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

/** Headings without their blanks and line breaks; the second of two equal ones is called `name 2`. */
function headedColumns(cells: Cells): Layout['columns'] {
  const seen = new Map<string, number>();
  const columns = cells.flatMap((cell, index) => {
    const heading = (scalarText(cell) ?? '').replace(/\s+/g, '');
    if (heading === '') return [];
    const count = (seen.get(heading) ?? 0) + 1;
    seen.set(heading, count);
    return [{ name: count === 1 ? heading : `${heading} ${count}`, index }];
  });
  if (columns.length === 0) throw unreadable('the row of the headings is empty');
  return columns;
}

function rowOf(cells: Cells, { columns }: Layout): TableRow | null {
  const row: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  let isEmpty = true;
  for (const { name, index } of columns) {
    const cell = cells[index];
    if (cell === undefined || cell === '') continue;
    row[name] = cell;
    isEmpty = false;
  }
  return isEmpty ? null : row;
}
