/** Editions of the policy: every pack that was ever taken in, which one each tenant works by, and what a new one changes for it. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OWN_ROW, fenceTenantTable } from './tenant-fence.js';

/** Only adds: a node of the version before goes on working beside it. */
const TABLES = `
-- Not a tenant's: the law is the same for all. Written once, never changed.
CREATE TABLE buduan.policy_pack (
  version      text PRIMARY KEY CHECK (version ~ '^[0-9]{4}[.][0-9]{1,2}[.][0-9]+$'),
  content_hash bytea NOT NULL,
  key_id       text NOT NULL,
  archive      bytea NOT NULL,
  -- Where it came from, without credentials and query.
  source       text NOT NULL,
  pulled_by    text NOT NULL,
  pulled_at    timestamptz NOT NULL DEFAULT now()
);

-- The newest row of a tenant says by which edition it works; without one it is the edition that came with the program.
CREATE TABLE buduan.policy_activation (
  tenant_id     text NOT NULL REFERENCES buduan.tenant,
  activation_no bigint GENERATED ALWAYS AS IDENTITY,
  version       text NOT NULL REFERENCES buduan.policy_pack,
  before_version text NOT NULL,
  pulled_by     text NOT NULL,
  approved_by   text NOT NULL,
  -- Without a second person, because the tenant's configuration says so.
  automatic     boolean NOT NULL,
  as_of         date NOT NULL,
  activated_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, activation_no),
  UNIQUE (tenant_id, version),
  CHECK (automatic OR approved_by <> pulled_by)
);

CREATE TABLE buduan.policy_impact (
  tenant_id      text NOT NULL REFERENCES buduan.tenant,
  version        text NOT NULL,
  before_version text NOT NULL,
  as_of          date NOT NULL,
  -- Differences of months that were charged as the edition before said; positive: to be topped up.
  person_count   integer NOT NULL,
  month_count    integer NOT NULL,
  employee_fen   bigint NOT NULL,
  employer_fen   bigint NOT NULL,
  unknown_count  integer NOT NULL,
  computed_at    timestamptz NOT NULL DEFAULT now(),
  applied_by     text,
  applied_at     timestamptz,
  run_id         uuid,
  PRIMARY KEY (tenant_id, version),
  FOREIGN KEY (tenant_id, version) REFERENCES buduan.policy_activation (tenant_id, version),
  FOREIGN KEY (tenant_id, run_id) REFERENCES buduan.run,
  CHECK ((applied_by IS NULL) = (run_id IS NULL))
);

CREATE TABLE buduan.policy_impact_person (
  tenant_id    text NOT NULL,
  version      text NOT NULL,
  person_id    uuid NOT NULL,
  months       jsonb NOT NULL,
  employee_fen bigint NOT NULL,
  employer_fen bigint NOT NULL,
  PRIMARY KEY (tenant_id, version, person_id),
  FOREIGN KEY (tenant_id, version) REFERENCES buduan.policy_impact,
  FOREIGN KEY (tenant_id, person_id) REFERENCES buduan.person
);
`;

const GRANTS = `
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles r WHERE r.rolname = 'buduan_app') THEN
    GRANT SELECT, INSERT ON buduan.policy_pack, buduan.policy_activation TO buduan_app;
  END IF;
END $$;
`;

/** An activation is evidence: not even the owner of the table changes or removes one. */
const ACTIVATIONS = `
ALTER TABLE buduan.policy_activation ENABLE ROW LEVEL SECURITY;
ALTER TABLE buduan.policy_activation FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON buduan.policy_activation FOR SELECT USING (${OWN_ROW});
CREATE POLICY tenant_appends ON buduan.policy_activation FOR INSERT WITH CHECK (${OWN_ROW});`;

export class PolicyEditions1795564800000 implements MigrationInterface {
  readonly name = 'PolicyEditions1795564800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(GRANTS);
    await runner.query(ACTIVATIONS);
    for (const table of ['policy_impact', 'policy_impact_person']) await fenceTenantTable(runner, table);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE buduan.policy_impact_person, buduan.policy_impact, buduan.policy_activation, buduan.policy_pack',
    );
  }
}
