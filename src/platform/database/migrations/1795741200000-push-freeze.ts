/** Where a tenant's ledger was last seen to live, and since when and why nothing of it may leave. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PushFreeze1795741200000 implements MigrationInterface {
  readonly name = 'PushFreeze1795741200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE buduan.tenant
        -- Server, database and timeline on which the ledger was written; another one means that it was restored or taken over.
        ADD COLUMN ledger_origin text,
        ADD COLUMN push_frozen_at timestamptz,
        ADD COLUMN push_frozen_cause text CHECK (push_frozen_cause IN ('restored','person')),
        ADD COLUMN push_frozen_by text,
        ADD COLUMN push_frozen_reason text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE buduan.tenant DROP COLUMN ledger_origin, DROP COLUMN push_frozen_at, DROP COLUMN push_frozen_cause,
        DROP COLUMN push_frozen_by, DROP COLUMN push_frozen_reason`);
  }
}
