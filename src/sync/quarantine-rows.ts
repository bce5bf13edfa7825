/** How a row that could not become a record is put aside: sealed whole, known again by its hash. */
import { hash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Stream } from '../domain/records.js';
import type { RejectedRow } from '../connectors/port.js';
import type { IdentityVault } from '../platform/crypto/identity-vault.js';
import { type QuarantineWrite, UNLINKED, writeQuarantine } from './quarantine.store.js';
import type { Traversal } from './traversal.store.js';

type Scope = Pick<Traversal, 'tenantId' | 'connectionId' | 'read' | 'runId'>;

/** Stores rejected rows, each once per reason, however often it is sent. */
export async function quarantineRejected(
  em: EntityManager,
  vault: IdentityVault,
  page: { readonly of: Scope; readonly rejected: readonly RejectedRow[] },
): Promise<void> {
  const rows = new Map<string, QuarantineWrite>();
  for (const row of page.rejected) {
    const raw = JSON.stringify(row.raw);
    const rawHash = hash('sha256', raw, 'hex');
    const key = `${row.stream} ${rawHash} ${row.reason}`;
    if (!rows.has(key))
      rows.set(key, {
        ...sealRow(vault, page.of.tenantId, raw),
        stream: row.stream,
        ownerKey: row.ownerKey,
        reason: row.reason,
        field: row.field,
        rawHash,
      });
  }
  await writeQuarantine(em, page.of, [...rows.values()]);
}

/** Notes that the stored records of these owners belong to nobody yet. */
export async function noteUnlinked(
  em: EntityManager,
  vault: IdentityVault,
  page: { readonly of: Scope; readonly owners: readonly { readonly stream: Stream; readonly ownerKey: string }[] },
): Promise<void> {
  const rows = page.owners.map(({ stream, ownerKey }): QuarantineWrite => {
    const raw = JSON.stringify({ stream, ownerKey });
    return {
      ...sealRow(vault, page.of.tenantId, raw),
      stream,
      ownerKey,
      reason: UNLINKED,
      field: 'owner',
      rawHash: hash('sha256', raw, 'hex'),
    };
  });
  await writeQuarantine(em, page.of, rows);
}

function sealRow(
  vault: IdentityVault,
  tenantId: string,
  raw: string,
): Pick<QuarantineWrite, 'quarantineId' | 'rawSealed'> {
  const quarantineId = uuidv7();
  return { quarantineId, rawSealed: vault.seal(tenantId, 'quarantined_row', 'raw_enc', quarantineId, raw) };
}
