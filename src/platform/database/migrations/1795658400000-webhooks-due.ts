/** Which readings of the inbox are due, found by index: a connection's are followed together. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class WebhooksDue1795658400000 implements MigrationInterface {
  readonly name = 'WebhooksDue1795658400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX webhook_reading_due ON buduan.webhook_reading (tenant_id, connection_id, (coalesce(next_at, moved_at)))
       WHERE state = 'received' OR next_at IS NOT NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX buduan.webhook_reading_due');
  }
}
