/** Finds the operations of a plan, whatever became of them: for brakes that count persons, and for plans that are to go. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PlanOperations1795902000001 implements MigrationInterface {
  readonly name = 'PlanOperations1795902000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE INDEX operation_of_plan ON buduan.operation (tenant_id, plan_id) WHERE plan_id IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX buduan.operation_of_plan');
  }
}
