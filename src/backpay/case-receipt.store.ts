/** The rows of receipts. */
import type { EntityManager } from 'typeorm';
import { RECEIPT_VIEW, type ReceiptView } from './case-tasks.reader.js';
import type { ReceiptKind } from './receipt-kind.js';

export interface NewReceipt {
  readonly receiptId: string;
  readonly caseId: string;
  readonly round: number;
  readonly kind: ReceiptKind;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly sealed: Buffer;
  readonly reference: string | null;
  readonly attachedBy: string;
}

/** False = the case has this very paper in this round already. */
export async function insertReceipt(em: EntityManager, tenantId: string, made: NewReceipt): Promise<boolean> {
  const rows: unknown[] = await em.query(
    `INSERT INTO buduan.case_receipt (tenant_id, receipt_id, case_id, round, kind, bytes, sha256, content_enc, reference, attached_by)
     VALUES ($1, $2, $3, $4, $5, $6, decode($7, 'hex'), $8, $9, $10)
     ON CONFLICT (tenant_id, case_id, round, sha256) DO NOTHING RETURNING 1`,
    [
      ...[tenantId, made.receiptId, made.caseId, made.round, made.kind, made.bytes, made.sha256, made.sealed],
      ...[made.reference, made.attachedBy],
    ],
  );
  return rows.length === 1;
}

/** null = the case has no such receipt. */
export async function selectReceipt(
  em: EntityManager,
  asked: { readonly tenantId: string; readonly caseId: string; readonly receiptId: string },
): Promise<(ReceiptView & { readonly sealed: Buffer }) | null> {
  const rows: (ReceiptView & { readonly sealed: Buffer })[] = await em.query(
    `SELECT ${RECEIPT_VIEW}, r.content_enc AS sealed FROM buduan.case_receipt r
      WHERE r.tenant_id = $1 AND r.case_id = $2 AND r.receipt_id = $3`,
    [asked.tenantId, asked.caseId, asked.receiptId],
  );
  return rows[0] ?? null;
}
