/** Writes manifests/templates/back-payment.xlsx, the workbook that the example of a bureau by files fills in. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { init } from 'excelize-wasm';

const { NewFile } = await init(createRequire(import.meta.url).resolve('excelize-wasm/excelize.wasm.gz'));
const book = NewFile();
const sheet = '补缴申请';
book.SetSheetName('Sheet1', sheet);
const edge = ['left', 'right', 'top', 'bottom'].map((Type) => ({ Type, Style: 1, Color: '000000' }));
const title = book.NewStyle({ Font: { Bold: true, Size: 16 }, Alignment: { Horizontal: 'center' } }).style;
const head = book.NewStyle({ Font: { Bold: true }, Border: edge, Alignment: { Horizontal: 'center' } }).style;
const text = book.NewStyle({ Border: edge, NumFmt: 49 }).style;
const money = book.NewStyle({ Border: edge, NumFmt: 4 }).style;
const set = (cell, value) => book.SetCellStr(sheet, cell, value);

set('A1', '社会保险费补缴申请表');
book.MergeCell(sheet, 'A1', 'H1');
book.SetCellStyle(sheet, 'A1', 'H1', title);
for (const [cell, value] of [
  ['A2', '单位名称'],
  ['E2', '申报日期'],
  ['G2', '笔数'],
])
  set(cell, value);
for (const [index, heading] of [
  '序号',
  '个人编号',
  '险种',
  '补缴月份',
  '缴费基数',
  '个人应缴',
  '单位应缴',
  '申请编号',
].entries())
  set(`${'ABCDEFGH'[index]}4`, heading);
book.SetCellStyle(sheet, 'A4', 'H4', head);
book.SetCellStyle(sheet, 'A5', 'H5', text);
book.SetCellStyle(sheet, 'E5', 'G5', money);
set('A7', '经办人（签字）：');
set('E7', '单位（盖章）：');
for (const [column, width] of Object.entries({ A: 6, B: 20, C: 8, D: 12, E: 14, F: 14, G: 14, H: 44 }))
  book.SetColWidth(sheet, column, column, width);

const folder = new URL('../manifests/templates/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('back-payment.xlsx', folder), book.WriteToBuffer().buffer);
process.stdout.write('manifests/templates/back-payment.xlsx written\n');
