/** Since when, why, until when and by whom a connection has its health. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ConnectionHealth1795525200000 implements MigrationInterface {
  readonly name = 'ConnectionHealth1795525200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE buduan.connection
        ADD COLUMN health_since timestamptz NOT NULL DEFAULT now(),
        ADD COLUMN health_reason text,
        -- Of maintenance: from then on the connection is used again without anybody doing anything.
        ADD COLUMN health_until timestamptz,
        -- Who put it into maintenance or quarantine; null = the hub itself found out.
        ADD COLUMN health_by text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE buduan.connection DROP COLUMN health_since, DROP COLUMN health_reason, DROP COLUMN health_until, DROP COLUMN health_by`);
  }
}
