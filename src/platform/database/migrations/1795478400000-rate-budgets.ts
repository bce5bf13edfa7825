/** Adds the budgets of requests that all nodes share. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One row per window of a limit, and one for a pause the system asked for. Not a tenant's: clients of one agency share the
 * agency's credential and with it the budget. The key is a keyed hash and tells nothing about the credential.
 */
const TABLE = `
CREATE TABLE buduan.rate_budget (
  budget_key  text NOT NULL,
  window_name text NOT NULL CHECK (window_name IN ('second','minute','pause')),
  -- Everything before this moment is booked.
  free_from   timestamptz NOT NULL,
  -- How far the last booking moved it.
  leased      interval NOT NULL,
  PRIMARY KEY (budget_key, window_name)
);`;

export class RateBudgets1795478400000 implements MigrationInterface {
  readonly name = 'RateBudgets1795478400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE buduan.rate_budget');
  }
}
