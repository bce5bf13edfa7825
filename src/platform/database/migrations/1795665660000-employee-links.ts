/** Links to the page of an employee; and what people signed about a case, written once whoever asks. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { fenceTenantTable } from './tenant-fence.js';

const LINKS = `
CREATE TABLE buduan.employee_link (
  tenant_id   text NOT NULL,
  -- Random and never listed to strangers; the address carries it with a signature that is stored nowhere.
  link_id     uuid NOT NULL,
  person_id   uuid NOT NULL,
  -- null = made so that the employee can ask for a back-payment; filled when he has.
  case_id     uuid,
  created_by  text NOT NULL,
  created_at  timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL CHECK (expires_at > created_at),
  revoked_at  timestamptz,
  revoked_by  text,
  -- Wrong last four characters since it was made; the fifth ends it.
  failures    integer NOT NULL DEFAULT 0 CHECK (failures BETWEEN 0 AND 5),
  -- No attempt counts before.
  retry_at    timestamptz,
  opened_at   timestamptz,
  PRIMARY KEY (tenant_id, link_id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES buduan.person,
  FOREIGN KEY (tenant_id, case_id) REFERENCES buduan.back_payment_case,
  CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX employee_link_person ON buduan.employee_link (tenant_id, person_id, created_at);
`;

const SIGNED = ['case_event', 'case_confirmation', 'case_approval'];

export class EmployeeLinks1795665660000 implements MigrationInterface {
  readonly name = 'EmployeeLinks1795665660000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LINKS);
    await fenceTenantTable(runner, 'employee_link');
    for (const table of SIGNED)
      await runner.query(`
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON buduan.${table}
  FOR EACH STATEMENT EXECUTE FUNCTION buduan.refuse_change();
ALTER TABLE buduan.${table} ENABLE ALWAYS TRIGGER written_once;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of SIGNED) await runner.query(`DROP TRIGGER written_once ON buduan.${table}`);
    await runner.query('DROP TABLE buduan.employee_link');
  }
}
