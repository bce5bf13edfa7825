/** Why bureau or agency refused a case or a line of it, in their words. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RefusalReasons1795900000001 implements MigrationInterface {
  readonly name = 'RefusalReasons1795900000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE buduan.case_line
        ADD COLUMN reason text CHECK (reason IS NULL OR (state = 'rejected' AND char_length(reason) <= 500));
      -- Of up to five lines with different words.
      ALTER TABLE buduan.back_payment_case ADD COLUMN refusal text CHECK (char_length(refusal) <= 2600)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE buduan.back_payment_case DROP COLUMN refusal;
      ALTER TABLE buduan.case_line DROP COLUMN reason`);
  }
}
