/** What people said of findings, which only data can close, and since when the evidence of a finding is what it is. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OWN_ROW } from './tenant-fence.js';

export class FindingMarks1795900000000 implements MigrationInterface {
  readonly name = 'FindingMarks1795900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE buduan.finding_mark (
  tenant_id  text NOT NULL,
  finding_id uuid NOT NULL,
  mark_no    bigint GENERATED ALWAYS AS IDENTITY,
  kind       text NOT NULL CHECK (kind IN ('set-aside','taken-back')),
  reason     text NOT NULL,
  -- Last day on which it counts; of what is set aside alone.
  until      date,
  actor      text NOT NULL,
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, finding_id, mark_no),
  FOREIGN KEY (tenant_id, finding_id) REFERENCES buduan.finding,
  CHECK ((kind = 'set-aside') = (until IS NOT NULL))
);
ALTER TABLE buduan.finding_mark ENABLE ROW LEVEL SECURITY;
ALTER TABLE buduan.finding_mark FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON buduan.finding_mark FOR SELECT USING (${OWN_ROW});
CREATE POLICY tenant_appends ON buduan.finding_mark FOR INSERT WITH CHECK (${OWN_ROW});
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles r WHERE r.rolname = 'buduan_app') THEN
    GRANT SELECT, INSERT ON buduan.finding_mark TO buduan_app;
  END IF;
END $$;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON buduan.finding_mark
  FOR EACH STATEMENT EXECUTE FUNCTION buduan.refuse_change();
ALTER TABLE buduan.finding_mark ENABLE ALWAYS TRIGGER written_once;
-- null = since it was opened. Findings of before have no other moment to tell.
ALTER TABLE buduan.finding ADD COLUMN evidence_at timestamptz;
CREATE INDEX finding_of_person ON buduan.finding (tenant_id, person_id);`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP INDEX buduan.finding_of_person;
ALTER TABLE buduan.finding DROP COLUMN evidence_at;
DROP TABLE buduan.finding_mark;`);
  }
}
