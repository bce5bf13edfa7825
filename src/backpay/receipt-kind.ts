/** What a receipt is by its bytes, whatever its name or content type says. Pure. */
import { unzipSync } from 'fflate';

export const RECEIPT_KINDS = ['pdf', 'png', 'jpeg', 'xlsx'] as const;
export type ReceiptKind = (typeof RECEIPT_KINDS)[number];

/** A scan or a photograph of a page fits; ten pages in colour do not. */
export const MOST_RECEIPT_BYTES = 5 * 1024 * 1024;
/** A workbook has some dozens of parts. */
const MOST_PARTS = 1000;

export const RECEIPT_TYPES: Readonly<Record<ReceiptKind, string>> = {
  pdf: 'application/pdf',
  png: 'image/png',
  jpeg: 'image/jpeg',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

const STARTS: readonly (readonly [ReceiptKind, readonly number[]])[] = [
  ['pdf', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['jpeg', [0xff, 0xd8, 0xff]],
];
const ZIP_START = [0x50, 0x4b, 0x03, 0x04];

/** null = none of them. Nothing is unpacked: of an archive the names alone are looked at. */
export function receiptKindOf(bytes: Uint8Array): ReceiptKind | null {
  const known = STARTS.find(([, start]) => startsWith(bytes, start));
  if (known !== undefined) return known[0];
  return startsWith(bytes, ZIP_START) && isWorkbook(bytes) ? 'xlsx' : null;
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, place) => bytes[place] === byte);
}

function isWorkbook(bytes: Uint8Array): boolean {
  const names = new Set<string>();
  let parts = 0;
  try {
    unzipSync(bytes, {
      filter: ({ name }) => {
        parts += 1;
        if (parts <= MOST_PARTS) names.add(name);
        return false;
      },
    });
  } catch {
    // A broken archive is no workbook; that is the whole answer.
    return false;
  }
  return parts <= MOST_PARTS && names.has('[Content_Types].xml') && names.has('xl/workbook.xml');
}
