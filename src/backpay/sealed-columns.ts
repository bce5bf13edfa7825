/** Where this room keeps sealed values. Every column that something is sealed for stands here, or a rotation would miss it. */
import type { SealedColumn } from '../platform/crypto/sealed-column.js';

export const BACKPAY_SEALED_COLUMNS: readonly SealedColumn[] = [
  {
    table: 'case_receipt',
    column: 'content_enc',
    key: [{ name: 'receipt_id', type: 'uuid' }],
    // Up to 5 MiB each.
    most: 4,
    rowIdOf: ([receiptId = '']) => receiptId,
  },
];
