/** Where this room keeps sealed values. Every column that something is sealed for stands here, or a rotation would miss it. */
import type { SealedColumn } from '../platform/crypto/sealed-column.js';

const own = ([rowId = '']: readonly string[]): string => rowId;

export const SYNC_SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'person', column: 'id_number_enc', key: [{ name: 'person_id', type: 'uuid' }], rowIdOf: own },
  { table: 'quarantined_row', column: 'raw_enc', key: [{ name: 'quarantine_id', type: 'uuid' }], rowIdOf: own },
  {
    table: 'webhook_delivery',
    column: 'body_enc',
    key: [
      { name: 'connection_id', type: 'text' },
      { name: 'delivery_id', type: 'text' },
    ],
    // As sealedRow of store-deliveries.ts writes it.
    rowIdOf: (key) => JSON.stringify(key),
  },
];
