/** Receipts of who carried an application to bureau or agency: the paper itself, sealed; its hash stands in history and audit trail too. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { fenceTenantTable } from './tenant-fence.js';

const TABLE = `
CREATE TABLE buduan.case_receipt (
  tenant_id   text NOT NULL,
  receipt_id  uuid NOT NULL,
  case_id     uuid NOT NULL,
  round       integer NOT NULL,
  -- What its bytes are, whatever its name said.
  kind        text NOT NULL CHECK (kind IN ('pdf','png','jpeg','xlsx')),
  bytes       integer NOT NULL CHECK (bytes > 0),
  sha256      bytea NOT NULL,
  content_enc bytea NOT NULL,
  -- The office's own number, where the receipt has one.
  reference   text,
  attached_by text NOT NULL,
  at          timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, receipt_id),
  FOREIGN KEY (tenant_id, case_id) REFERENCES buduan.back_payment_case ON DELETE CASCADE,
  -- The same paper again is the same receipt.
  UNIQUE (tenant_id, case_id, round, sha256)
)`;

export class CaseReceipts1795901000100 implements MigrationInterface {
  readonly name = 'CaseReceipts1795901000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
    await fenceTenantTable(runner, 'case_receipt');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE buduan.case_receipt');
  }
}
