/** Notifications: what is told to which endpoint and how far it came, how endpoints fare, and what was last told of what moves to and fro. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { fenceTenantTable } from './tenant-fence.js';

const TABLES = `
CREATE TABLE buduan.notification (
  tenant_id       text NOT NULL REFERENCES buduan.tenant,
  notification_id uuid NOT NULL,
  endpoint_id     text NOT NULL CHECK (endpoint_id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  -- One event has one id at all endpoints: told twice it is the same event.
  event_id        uuid NOT NULL,
  event_type      text NOT NULL CHECK (length(event_type) BETWEEN 1 AND 64),
  -- Whom a message is for; its address is looked up when it is sent and stored nowhere.
  person_id       uuid,
  occurred_at     timestamptz NOT NULL,
  -- The event's data as JSON text, byte for byte as it was written: ids and counts, nothing personal.
  body            text NOT NULL CHECK (length(body) <= 65536),
  state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending','retry-wait','delivered','dead')),
  attempts        integer NOT NULL DEFAULT 0,
  next_at         timestamptz DEFAULT now(),
  give_up_at      timestamptz NOT NULL DEFAULT now() + interval '24 hours',
  attempted_at    timestamptz,
  last_code       text,
  -- Where a system takes a message and tells later what became of it.
  receipt         text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  ended_at        timestamptz,
  PRIMARY KEY (tenant_id, notification_id),
  UNIQUE (tenant_id, endpoint_id, event_id),
  CHECK ((state IN ('pending','retry-wait')) = (next_at IS NOT NULL)),
  CHECK ((state IN ('delivered','dead')) = (ended_at IS NOT NULL))
);
CREATE INDEX notification_due ON buduan.notification (tenant_id, endpoint_id, next_at) WHERE state IN ('pending','retry-wait');
CREATE INDEX notification_ended ON buduan.notification (tenant_id, state, ended_at) WHERE state IN ('delivered','dead');
-- What left in the last minute, for limits per minute.
CREATE INDEX notification_attempted ON buduan.notification (tenant_id, endpoint_id, attempted_at) WHERE attempted_at IS NOT NULL;

CREATE TABLE buduan.notification_endpoint (
  tenant_id    text NOT NULL REFERENCES buduan.tenant,
  endpoint_id  text NOT NULL,
  -- In a row, since it last took something.
  failures     integer NOT NULL DEFAULT 0,
  paused_until timestamptz,
  last_code    text,
  moved_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, endpoint_id)
);

CREATE TABLE buduan.notification_subject (
  tenant_id text NOT NULL REFERENCES buduan.tenant,
  subject   text NOT NULL,
  told      text NOT NULL,
  told_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, subject)
);

-- The fence under which an operation was told to need a person: sent again and failed again, it is told again.
ALTER TABLE buduan.operation ADD COLUMN told_fence integer;
CREATE INDEX operation_stuck ON buduan.operation (tenant_id, connection_id, operation_id) WHERE state IN ('dead','needs-human');
`;

const NAMES = ['notification', 'notification_endpoint', 'notification_subject'];

export class Notifications1795658500000 implements MigrationInterface {
  readonly name = 'Notifications1795658500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of NAMES) await fenceTenantTable(runner, table);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX buduan.operation_stuck');
    await runner.query('ALTER TABLE buduan.operation DROP COLUMN told_fence');
    for (const table of [...NAMES].reverse()) await runner.query(`DROP TABLE buduan.${table}`);
  }
}
