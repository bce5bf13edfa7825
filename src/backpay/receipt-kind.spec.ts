/** Facts about what counts as a receipt: the bytes decide. */
import { strToU8, zipSync } from 'fflate';
import { receiptKindOf } from './receipt-kind.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from([...values, 0, 0, 0, 0]);
const archive = (...names: string[]): Uint8Array =>
  zipSync(Object.fromEntries(names.map((name) => [name, strToU8('x')])));

it.each([
  ['pdf', strToU8('%PDF-1.7\n')],
  ['png', bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
  ['jpeg', bytes(0xff, 0xd8, 0xff, 0xe0)],
  ['xlsx', archive('[Content_Types].xml', 'xl/workbook.xml')],
] as const)('%s is known by its beginning', (kind, content) => {
  expect(receiptKindOf(content)).toBe(kind);
});

it.each([
  ['a page', strToU8('<html><script>')],
  ['a program', bytes(0x4d, 0x5a)],
  ['any archive', archive('setup.exe')],
  ['a text document', archive('[Content_Types].xml', 'word/document.xml')],
  ['a cut archive', archive('[Content_Types].xml', 'xl/workbook.xml').slice(0, 40)],
  ['nothing', new Uint8Array()],
])('%s is no receipt', (_what, content) => {
  expect(receiptKindOf(content)).toBeNull();
});
