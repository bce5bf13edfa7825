/** How a receipt is taken for what it is, kept sealed beside its case, and shown again: never without a trace. */
import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { v7 as newId } from 'uuid';
import { appendAuditEvent } from '../platform/audit/append-audit-event.js';
import type { Database } from '../platform/database/database.js';
import type { IdentityVault } from '../platform/crypto/identity-vault.js';
import { appendCaseEvent } from './case-log.store.js';
import { insertReceipt, selectReceipt } from './case-receipt.store.js';
import type { ReceiptView } from './case-tasks.reader.js';
import type { CaseRow } from './case.store.js';
import type { CaseAct } from './move-case.js';
import { MOST_RECEIPT_BYTES, type ReceiptKind, receiptKindOf } from './receipt-kind.js';

/** A paper that was looked at. */
export interface Receipt {
  readonly kind: ReceiptKind;
  readonly content: Buffer;
  /** Hex. */
  readonly sha256: string;
}

export type ReceiptRefusal =
  { readonly outcome: 'not-a-receipt' } | { readonly outcome: 'receipt-too-large'; readonly mostBytes: number };

export function readReceipt(content: Buffer): Receipt | ReceiptRefusal {
  if (content.length > MOST_RECEIPT_BYTES) return { outcome: 'receipt-too-large', mostBytes: MOST_RECEIPT_BYTES };
  const kind = receiptKindOf(content);
  if (kind === null) return { outcome: 'not-a-receipt' };
  return { kind, content, sha256: createHash('sha256').update(content).digest('hex') };
}

export interface Keeping {
  readonly act: CaseAct;
  readonly row: CaseRow;
  readonly receipt: Receipt;
  readonly reference: string | null;
}

/** In the caller's transaction, with a line in the history and in the audit trail. The same paper again changes nothing. */
export async function keepReceipt(
  em: EntityManager,
  vault: Pick<IdentityVault, 'seal'>,
  { act, row, receipt, reference }: Keeping,
): Promise<void> {
  const { tenantId, actor } = act;
  const { caseId, round } = row;
  const { kind, content, sha256 } = receipt;
  const receiptId = newId();
  const sealed = vault.seal(tenantId, 'case_receipt', 'content_enc', receiptId, content.toString('base64'));
  const made = { receiptId, caseId, round, kind, bytes: content.length, sha256, sealed, reference, attachedBy: actor };
  if (!(await insertReceipt(em, tenantId, made))) return;
  const detail = { receiptId, kind, bytes: content.length, sha256, reference };
  await appendCaseEvent(em, {
    ...{ tenantId, caseId, round, kind: 'note', fromState: row.state, toState: row.state, actor, detail },
    ...{ reason: 'a receipt was attached', onDay: act.today },
  });
  await appendAuditEvent(em, { tenantId, actor, action: 'case.receipt', object: `case/${caseId}`, detail });
}

export interface ShowRequest {
  readonly tenantId: string;
  readonly caseId: string;
  readonly receiptId: string;
  /** Who looks. */
  readonly actor: string;
}

/** A paper may show an identity number: nothing is handed out unless its audit event is committed. null = no such receipt. */
export async function showReceipt(
  { database, vault }: { readonly database: Database; readonly vault: Pick<IdentityVault, 'open'> },
  { actor, ...asked }: ShowRequest,
): Promise<(ReceiptView & { readonly content: Buffer }) | null> {
  const { tenantId, caseId, receiptId } = asked;
  return database.inTenant(tenantId, async (em) => {
    const found = await selectReceipt(em, asked);
    if (found === null) return null;
    const { sealed, ...view } = found;
    const text = vault.open(tenantId, 'case_receipt', 'content_enc', receiptId, sealed);
    const detail = { receiptId, sha256: view.sha256 };
    await appendAuditEvent(em, { tenantId, actor, action: 'case.show-receipt', object: `case/${caseId}`, detail });
    return { ...view, content: Buffer.from(text, 'base64') };
  });
}
