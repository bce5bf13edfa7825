/** Plans of runs with their hash and the brakes that held them; who started a run; since when a connection is known. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { fenceTenantTable } from './tenant-fence.js';

const TABLES = `
-- What one planning made of the corrections: looked at by the brakes as a whole, before anything of it leaves.
CREATE TABLE buduan.plan (
  tenant_id       text NOT NULL REFERENCES buduan.tenant,
  plan_id         uuid NOT NULL,
  run_id          uuid NOT NULL,
  is_full         boolean NOT NULL,
  state           text NOT NULL CHECK (state IN ('clear','suspended','approved','rejected','emptied')),
  -- Which brakes hold it: first-run, worse-status, bases, money.
  reasons         text[] NOT NULL,
  -- What each brake saw and what it allows, for the person who decides.
  figures         jsonb NOT NULL,
  hash            bytea NOT NULL,
  operation_count integer NOT NULL,
  worse_count     integer NOT NULL,
  rebased_count   integer NOT NULL,
  -- Fen by kind of operation.
  money           jsonb NOT NULL,
  -- Persons of the tenant when it was made; null where nobody had to count.
  person_count    integer,
  new_connections text[] NOT NULL,
  -- The state its run has again once the plan is approved.
  run_state       text NOT NULL,
  decided_by      text,
  decided_at      timestamptz,
  decided_hash    bytea,
  created_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, plan_id),
  FOREIGN KEY (tenant_id, run_id) REFERENCES buduan.run,
  CHECK (state NOT IN ('approved','rejected') OR (decided_by IS NOT NULL AND decided_hash IS NOT NULL)),
  CHECK ((state = 'clear') = (cardinality(reasons) = 0))
);
CREATE INDEX plan_recent ON buduan.plan (tenant_id, created_at);
CREATE INDEX plan_suspended ON buduan.plan (tenant_id, created_at) WHERE state = 'suspended';
CREATE INDEX plan_money ON buduan.plan (tenant_id, created_at) WHERE money <> '{}';

ALTER TABLE buduan.operation ADD COLUMN plan_id uuid;
CREATE INDEX operation_held_by_plan ON buduan.operation (tenant_id, plan_id) WHERE state = 'held';

-- 'schedule:nightly', the name a person gave with --by, 'webhook'; null = before the hub wrote it down.
ALTER TABLE buduan.run ADD COLUMN started_by text;

-- Since when plans may leave although they rest on what this connection says. Those that are here already are known; new
-- rows are not (the default is gone when the first of them comes).
ALTER TABLE buduan.connection ADD COLUMN known_since timestamptz DEFAULT now();
ALTER TABLE buduan.connection ALTER COLUMN known_since DROP DEFAULT;
`;

export class Plans1795521600000 implements MigrationInterface {
  readonly name = 'Plans1795521600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await fenceTenantTable(runner, 'plan');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE buduan.connection DROP COLUMN known_since;
      ALTER TABLE buduan.run DROP COLUMN started_by;
      DROP INDEX buduan.operation_held_by_plan;
      ALTER TABLE buduan.operation DROP COLUMN plan_id;
      DROP TABLE buduan.plan;`);
  }
}
