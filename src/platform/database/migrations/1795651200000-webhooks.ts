/** Webhooks: the inbox of verified deliveries, what became of each person they name, and a counter of what was refused. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { fenceTenantTable } from './tenant-fence.js';

const TABLES = `
CREATE TABLE buduan.webhook_delivery (
  tenant_id     text NOT NULL,
  connection_id text NOT NULL,
  delivery_id   text NOT NULL CHECK (length(delivery_id) BETWEEN 1 AND 256),
  event_type    text,
  -- The event, decrypted where its scheme encrypts: it may hold personal facts.
  body_enc      bytea NOT NULL,
  body_hash     bytea NOT NULL,
  -- How often it came again.
  repeats       integer NOT NULL DEFAULT 0,
  received_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, connection_id, delivery_id),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES buduan.connection
);
CREATE INDEX webhook_delivery_age ON buduan.webhook_delivery (tenant_id, received_at);

-- One row per person that a delivery names; one with an empty key where it names nobody.
CREATE TABLE buduan.webhook_reading (
  tenant_id     text NOT NULL,
  connection_id text NOT NULL,
  delivery_id   text NOT NULL,
  owner_no      integer NOT NULL,
  owner_key     text NOT NULL,
  state         text NOT NULL CHECK (state IN ('received','read','unchanged','applied','waiting','ignored','failed','dead')),
  reason        text,
  -- Moved with every step; a job that carries another number has been overtaken.
  fence         integer NOT NULL DEFAULT 0,
  -- Reads that found nothing changed, and failures, each since the delivery came or was replayed.
  looks         integer NOT NULL DEFAULT 0,
  faults        integer NOT NULL DEFAULT 0,
  next_at       timestamptz,
  run_id        uuid,
  moved_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, connection_id, delivery_id, owner_no),
  FOREIGN KEY (tenant_id, connection_id, delivery_id) REFERENCES buduan.webhook_delivery ON DELETE CASCADE
);
CREATE INDEX webhook_reading_state ON buduan.webhook_reading (tenant_id, state, moved_at);

-- The newest version applied from an event, where a source cannot be asked for single persons.
CREATE TABLE buduan.webhook_version (
  tenant_id     text NOT NULL,
  connection_id text NOT NULL,
  owner_key     text NOT NULL,
  version       bigint NOT NULL,
  PRIMARY KEY (tenant_id, connection_id, owner_key),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES buduan.connection
);

-- All that is kept of refused calls.
CREATE TABLE buduan.webhook_refusal (
  tenant_id     text NOT NULL,
  connection_id text NOT NULL,
  day           date NOT NULL,
  reason        text NOT NULL CHECK (reason IN ('unsigned','forged','stale','too-large')),
  calls         bigint NOT NULL,
  last_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, connection_id, day, reason)
);
`;

const NAMES = ['webhook_delivery', 'webhook_reading', 'webhook_version', 'webhook_refusal'];

export class Webhooks1795651200000 implements MigrationInterface {
  readonly name = 'Webhooks1795651200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of NAMES) await fenceTenantTable(runner, table);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [...NAMES].reverse()) await runner.query(`DROP TABLE buduan.${table}`);
  }
}
