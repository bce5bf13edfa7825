/** How judgements changed: per run, from what to what, how often. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { fenceTenantTable } from './tenant-fence.js';

export class Transitions1795528800000 implements MigrationInterface {
  readonly name = 'Transitions1795528800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE buduan.transition (
        tenant_id  text NOT NULL,
        run_id     uuid NOT NULL,
        -- status: of persons. situation: of cells (employment, insurance, month).
        of_what    text NOT NULL CHECK (of_what IN ('status','situation')),
        -- 'none' = was not judged before, or is not any more.
        from_value text NOT NULL,
        to_value   text NOT NULL,
        count      bigint NOT NULL,
        PRIMARY KEY (tenant_id, run_id, of_what, from_value, to_value),
        FOREIGN KEY (tenant_id, run_id) REFERENCES buduan.run
      )`);
    await fenceTenantTable(runner, 'transition');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE buduan.transition');
  }
}
