/** How a later migration puts a new table behind the wall between tenants: forced row-level security, and grants for the hub's role. */
import type { QueryRunner } from 'typeorm';

/** The sub-select is evaluated once per statement, the bare function once per row. */
export const OWN_ROW = `tenant_id = (SELECT current_setting('buduan.tenant', true))`;

export async function fenceTenantTable(runner: QueryRunner, table: string): Promise<void> {
  await runner.query(`
ALTER TABLE buduan.${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE buduan.${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_wall ON buduan.${table} USING (${OWN_ROW}) WITH CHECK (${OWN_ROW});
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles r WHERE r.rolname = 'buduan_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON buduan.${table} TO buduan_app;
  END IF;
END $$;`);
}
