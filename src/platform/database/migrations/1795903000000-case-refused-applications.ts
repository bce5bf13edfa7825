/** Which applications of a case bureau or agency refused: should one be told as paid after all, nothing more is sent for its months. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CaseRefusedApplications1795903000000 implements MigrationInterface {
  readonly name = 'CaseRefusedApplications1795903000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE buduan.back_payment_case ADD COLUMN refused_refs text[] NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE buduan.back_payment_case DROP COLUMN refused_refs`);
  }
}
