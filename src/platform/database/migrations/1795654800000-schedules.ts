/** Schedules: when an occurrence begins, how often it was started, what its reason leaves open; pauses. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { fenceTenantTable } from './tenant-fence.js';

const FORMER_REASONS = `'missed','overlap','too-old','superseded','interrupted','before-start','paused','maintenance'`;

const TABLES = `
-- With its jitter; null in rows of nodes that know no jitter.
ALTER TABLE buduan.occurrence ADD COLUMN starts_at timestamptz;
-- How often it was started: whoever looked at it before somebody else started it changes nothing any more.
ALTER TABLE buduan.occurrence ADD COLUMN attempts integer NOT NULL DEFAULT 0;
-- Who paused it, what it waited for, which year had no calendar.
ALTER TABLE buduan.occurrence ADD COLUMN detail jsonb NOT NULL DEFAULT '{}';
ALTER TABLE buduan.occurrence DROP CONSTRAINT occurrence_reason_check;
ALTER TABLE buduan.occurrence ADD CONSTRAINT occurrence_reason_check
  CHECK (reason IN (${FORMER_REASONS},'dependency','rest-day','workday','other-day','unknown-calendar'));

-- Times in which a schedule starts nothing. A pause that is over stays: an instant found late may have been due in it.
CREATE TABLE buduan.schedule_pause (
  tenant_id     text NOT NULL REFERENCES buduan.tenant,
  schedule_id   text NOT NULL CHECK (schedule_id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  paused_from   timestamptz NOT NULL,
  -- null = until somebody resumes it.
  paused_until  timestamptz,
  paused_by     text NOT NULL,
  reason        text NOT NULL,
  -- null = it ended by itself, or has not ended.
  resumed_by    text,
  resume_reason text,
  PRIMARY KEY (tenant_id, schedule_id, paused_from),
  CHECK (paused_until >= paused_from)
);
CREATE UNIQUE INDEX schedule_pause_open ON buduan.schedule_pause (tenant_id, schedule_id) WHERE paused_until IS NULL;
`;

export class Schedules1795654800000 implements MigrationInterface {
  readonly name = 'Schedules1795654800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await fenceTenantTable(runner, 'schedule_pause');
  }

  /** Rows with a reason that the former constraint does not know stay, and keep it. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE buduan.schedule_pause;
      ALTER TABLE buduan.occurrence DROP CONSTRAINT occurrence_reason_check;
      ALTER TABLE buduan.occurrence ADD CONSTRAINT occurrence_reason_check CHECK (reason IN (${FORMER_REASONS})) NOT VALID;
      ALTER TABLE buduan.occurrence DROP COLUMN detail;
      ALTER TABLE buduan.occurrence DROP COLUMN attempts;
      ALTER TABLE buduan.occurrence DROP COLUMN starts_at;`);
  }
}
