/** Which applications and orders of a case's months outside systems showed before it left: they are another round's, or another case's. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CasePastApplications1795901000000 implements MigrationInterface {
  readonly name = 'CasePastApplications1795901000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE buduan.back_payment_case ADD COLUMN past_refs text[] NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE buduan.back_payment_case DROP COLUMN past_refs`);
  }
}
