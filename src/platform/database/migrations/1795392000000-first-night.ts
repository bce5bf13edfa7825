/** The first schema: tenants, connections, runs, checkpoints, source records, persons, judgements, findings, operations, audit. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every table below carries tenant_id first in its key and is fenced by row-level security, forced for its owner too. */
const TENANT_TABLES = [
  'connection',
  'checkpoint',
  'run',
  'occurrence',
  'stream_run',
  'pull_seen',
  'person',
  'source_record',
  'quarantined_row',
  'correlation_case',
  'judgement',
  'finding',
  'run_batch',
  'correction',
  'operation',
];

/** Rows of these are written once: not even the owner of the table changes or removes one. */
const APPEND_ONLY_TABLES = ['operation_event', 'audit_event'];

const TABLES = `
CREATE SCHEMA IF NOT EXISTS buduan;

CREATE TABLE buduan.tenant (
  tenant_id  text PRIMARY KEY CHECK (tenant_id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name       text NOT NULL,
  parent_id  text REFERENCES buduan.tenant,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE buduan.connection (
  tenant_id     text NOT NULL REFERENCES buduan.tenant,
  connection_id text NOT NULL CHECK (connection_id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  connector_id  text NOT NULL,
  version       text NOT NULL,
  role          text NOT NULL CHECK (role IN ('bureau','payroll','attendance','agency')),
  health        text NOT NULL DEFAULT 'up' CHECK (health IN ('up','degraded','down','half-open','maintenance','quarantined')),
  PRIMARY KEY (tenant_id, connection_id)
);

CREATE TABLE buduan.run (
  tenant_id      text NOT NULL REFERENCES buduan.tenant,
  run_id         uuid NOT NULL,
  mode           text NOT NULL CHECK (mode IN ('full','delta','targeted')),
  trigger        text NOT NULL CHECK (trigger IN ('cron','webhook','manual','catch-up')),
  state          text NOT NULL CHECK (state IN ('queued','running','succeeded','partial','failed','cancelled','expired','suspended')),
  as_of          date NOT NULL,
  dry_run        boolean NOT NULL,
  policy_version text NOT NULL,
  started_at     timestamptz NOT NULL DEFAULT now(),
  heartbeat_at   timestamptz NOT NULL DEFAULT now(),
  finished_at    timestamptz,
  stats          jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, run_id)
);
CREATE UNIQUE INDEX run_one_active_full ON buduan.run (tenant_id) WHERE mode = 'full' AND state IN ('queued','running');

-- One due instant of one schedule and what became of it. The key decides which of several nodes takes it.
CREATE TABLE buduan.occurrence (
  tenant_id   text NOT NULL REFERENCES buduan.tenant,
  schedule_id text NOT NULL CHECK (schedule_id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  due_at      timestamptz NOT NULL,
  state       text NOT NULL CHECK (state IN ('due','enqueued','ran','caught-up','skipped')),
  -- Why it was skipped; 'missed' where the run makes up for an outage.
  reason      text CHECK (reason IN ('missed','overlap','too-old','superseded','interrupted','before-start','paused','maintenance')),
  run_id      uuid,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, schedule_id, due_at),
  FOREIGN KEY (tenant_id, run_id) REFERENCES buduan.run,
  CHECK (state <> 'skipped' OR reason IS NOT NULL)
);
CREATE INDEX occurrence_unsettled ON buduan.occurrence (tenant_id, schedule_id, due_at) WHERE state IN ('due','enqueued');

-- One row per traversal of one read ("stream" names the manifest's read; a read may feed several streams of records).
CREATE TABLE buduan.stream_run (
  tenant_id     text NOT NULL,
  stream_run_id uuid NOT NULL,
  run_id        uuid NOT NULL,
  connection_id text NOT NULL,
  read_name     text NOT NULL,
  streams       text[] NOT NULL DEFAULT '{}',
  state         text NOT NULL CHECK (state IN ('running','succeeded','incomplete','failed')),
  complete      boolean NOT NULL DEFAULT false,
  reason        text,
  page_count    integer NOT NULL DEFAULT 0,
  row_count     bigint NOT NULL DEFAULT 0,
  -- Nothing was stored of its streams when it began: everything is new, and absence means nothing.
  is_first      boolean NOT NULL,
  -- Months asked for: rows of two traversals are compared per month.
  month_count   integer NOT NULL CHECK (month_count > 0),
  changed_count bigint NOT NULL DEFAULT 0,
  rejected_count bigint NOT NULL DEFAULT 0,
  drift         jsonb NOT NULL DEFAULT '{}',
  started_at    timestamptz NOT NULL DEFAULT now(),
  finished_at   timestamptz,
  PRIMARY KEY (tenant_id, stream_run_id),
  FOREIGN KEY (tenant_id, run_id) REFERENCES buduan.run,
  FOREIGN KEY (tenant_id, connection_id) REFERENCES buduan.connection
);
CREATE UNIQUE INDEX stream_run_one_active ON buduan.stream_run (tenant_id, connection_id, read_name) WHERE state = 'running';

-- The durably committed place of a read; moved only by compare-and-set on version.
CREATE TABLE buduan.checkpoint (
  tenant_id     text NOT NULL,
  connection_id text NOT NULL,
  read_name     text NOT NULL,
  version       bigint NOT NULL,
  stream_run_id uuid NOT NULL,
  cursor        jsonb,
  PRIMARY KEY (tenant_id, connection_id, read_name),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES buduan.connection
);

-- Owner keys that the running traversal has met, per stream: proof of repetition and of absence. Emptied when it ends.
CREATE TABLE buduan.pull_seen (
  tenant_id     text NOT NULL,
  stream_run_id uuid NOT NULL,
  stream        text NOT NULL,
  owner_key     text NOT NULL,
  -- Keys of stored items that this traversal has not named yet (an owner may be spread over pages): quoted, each between
  -- commas. null = none are left.
  unseen        text,
  -- A row of this owner could not be understood: nothing may be concluded from what else is missing.
  rejected      boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tenant_id, stream_run_id, stream, owner_key)
);

CREATE TABLE buduan.person (
  tenant_id     text NOT NULL REFERENCES buduan.tenant,
  person_id     uuid NOT NULL,
  id_type       text NOT NULL,
  id_number_enc bytea NOT NULL,
  id_number_bidx bytea NOT NULL,
  id_masked     text NOT NULL,
  frozen_reason text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, person_id),
  UNIQUE (tenant_id, id_number_bidx)
);

-- What one connection says about one person in one stream: all items, normalised, as JSON text: it is written and read whole,
-- and a json or jsonb column would parse it once or twice more. No foreign keys: this is the bulk of all writing.
CREATE TABLE buduan.source_record (
  tenant_id      text NOT NULL,
  connection_id  text NOT NULL,
  stream         text NOT NULL,
  owner_key      text NOT NULL,
  person_id      uuid,
  link_rule      text CHECK (link_rule IN ('identity-number','external-id','decided')),
  body           text NOT NULL,
  content_hash   bytea NOT NULL,
  changed_run_id uuid NOT NULL,
  observed_at    timestamptz NOT NULL,
  gone_at        timestamptz,
  PRIMARY KEY (tenant_id, connection_id, stream, owner_key)
);
CREATE INDEX source_record_person ON buduan.source_record (tenant_id, person_id) INCLUDE (changed_run_id);

CREATE TABLE buduan.quarantined_row (
  tenant_id      text NOT NULL,
  quarantine_id  uuid NOT NULL,
  connection_id  text NOT NULL,
  read_name      text NOT NULL,
  stream         text NOT NULL,
  owner_key      text,
  reason         text NOT NULL,
  field          text NOT NULL,
  raw_enc        bytea NOT NULL,
  raw_hash       bytea NOT NULL,
  first_run_id   uuid NOT NULL,
  last_run_id    uuid NOT NULL,
  created_at     timestamptz NOT NULL DEFAULT now(),
  resolved_at    timestamptz,
  resolution     text CHECK (resolution IN ('replayed','gone','discarded')),
  PRIMARY KEY (tenant_id, quarantine_id),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES buduan.connection
);
CREATE UNIQUE INDEX quarantined_row_once ON buduan.quarantined_row (tenant_id, connection_id, read_name, stream, raw_hash, reason) WHERE resolved_at IS NULL;
CREATE INDEX quarantined_row_owner ON buduan.quarantined_row (tenant_id, connection_id, owner_key) WHERE resolved_at IS NULL;

-- Matches a person must decide, for example two employees of one system with one identity number.
CREATE TABLE buduan.correlation_case (
  tenant_id     text NOT NULL,
  case_id       uuid NOT NULL,
  person_id     uuid NOT NULL,
  connection_id text NOT NULL,
  stream        text NOT NULL,
  owner_keys    text[] NOT NULL,
  reason        text NOT NULL,
  opened_at     timestamptz NOT NULL DEFAULT now(),
  closed_at     timestamptz,
  PRIMARY KEY (tenant_id, case_id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES buduan.person
);
CREATE UNIQUE INDEX correlation_case_open ON buduan.correlation_case (tenant_id, person_id, connection_id) WHERE closed_at IS NULL;

CREATE TABLE buduan.judgement (
  tenant_id      text NOT NULL,
  person_id      uuid NOT NULL,
  as_of          date NOT NULL,
  window_from    text NOT NULL,
  policy_version text NOT NULL,
  status         text NOT NULL CHECK (status IN ('insured','gap','back-paying','stopped','inconclusive')),
  cells          json NOT NULL,
  judged_at      timestamptz NOT NULL DEFAULT now(),
  run_id         uuid NOT NULL,
  PRIMARY KEY (tenant_id, person_id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES buduan.person
);

CREATE TABLE buduan.finding (
  tenant_id     text NOT NULL,
  finding_id    uuid NOT NULL,
  person_id     uuid NOT NULL,
  employment_id text NOT NULL,
  insurance     text NOT NULL,
  situation     text NOT NULL,
  months        text[] NOT NULL,
  detail        jsonb NOT NULL DEFAULT '{}',
  opened_at     timestamptz NOT NULL DEFAULT now(),
  opened_run_id uuid NOT NULL,
  closed_at     timestamptz,
  closed_run_id uuid,
  PRIMARY KEY (tenant_id, finding_id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES buduan.person
);
CREATE UNIQUE INDEX finding_open ON buduan.finding (tenant_id, person_id, employment_id, insurance, situation) WHERE closed_at IS NULL;

-- The batches a full run is reconciled in; done when reconcile committed them.
CREATE TABLE buduan.run_batch (
  tenant_id  text NOT NULL,
  run_id     uuid NOT NULL,
  batch_no   integer NOT NULL,
  person_ids uuid[] NOT NULL,
  done_at    timestamptz,
  PRIMARY KEY (tenant_id, run_id, batch_no),
  FOREIGN KEY (tenant_id, run_id) REFERENCES buduan.run
);

-- Every difference between what a target shows and what it should show, as last judged. A row goes away when a later read
-- shows that the difference is gone; operations are made from these rows.
CREATE TABLE buduan.correction (
  tenant_id     text NOT NULL,
  connection_id text NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('status','bases','order-state','declaration','back-payment')),
  owner_key     text NOT NULL,
  object_key    text NOT NULL,
  person_id     uuid NOT NULL,
  desired       jsonb NOT NULL,
  seen          jsonb NOT NULL,
  payload_hash  bytea NOT NULL,
  moves_money   boolean NOT NULL,
  reason        jsonb NOT NULL,
  run_id        uuid NOT NULL,
  planned_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, connection_id, kind, owner_key, object_key),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES buduan.connection,
  FOREIGN KEY (tenant_id, person_id) REFERENCES buduan.person
);
CREATE INDEX correction_person ON buduan.correction (tenant_id, person_id);

CREATE TABLE buduan.operation (
  tenant_id       text NOT NULL,
  operation_id    uuid NOT NULL,
  connection_id   text NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('status','bases','order-state','declaration','back-payment')),
  owner_key       text NOT NULL,
  -- What is changed, inside the owner: '' for the person itself, an order id, an insurance + month …
  object_key      text NOT NULL,
  person_id       uuid NOT NULL,
  business_key    text NOT NULL,
  desired         jsonb NOT NULL,
  expected_before jsonb NOT NULL,
  payload_hash    bytea NOT NULL,
  moves_money     boolean NOT NULL,
  state           text NOT NULL CHECK (state IN ('planned','held','queued','sending','acknowledged','verified','retry-wait','unknown','rejected','superseded','dead','cancelled','needs-human')),
  fence           integer NOT NULL DEFAULT 0,
  attempt         integer NOT NULL DEFAULT 0,
  verify_attempt  integer NOT NULL DEFAULT 0,
  dispatch_id     uuid,
  first_sent_at   timestamptz,
  sent_at         timestamptz,
  unknown_at      timestamptz,
  next_attempt_at timestamptz,
  acknowledged_at timestamptz,
  verified_at     timestamptz,
  outcome_code    text,
  outcome_message text,
  remote_ref      text,
  approved_by     text,
  approved_hash   bytea,
  run_id          uuid NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, operation_id),
  UNIQUE (tenant_id, connection_id, kind, business_key),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES buduan.connection,
  FOREIGN KEY (tenant_id, person_id) REFERENCES buduan.person,
  -- What moves money leaves only with an approval of exactly this payload.
  CHECK (NOT moves_money OR state IN ('planned','held','superseded','cancelled') OR approved_hash IS NOT DISTINCT FROM payload_hash)
);
-- One live operation per object of a target: newer desired state supersedes, never races.
CREATE UNIQUE INDEX operation_one_live ON buduan.operation (tenant_id, connection_id, kind, owner_key, object_key)
  WHERE state IN ('planned','held','queued','sending','acknowledged','retry-wait','unknown','needs-human');
CREATE INDEX operation_due ON buduan.operation (tenant_id, connection_id, kind, state, next_attempt_at)
  WHERE state IN ('queued','sending','retry-wait','unknown');
CREATE INDEX operation_person ON buduan.operation (tenant_id, person_id);

CREATE TABLE buduan.operation_event (
  tenant_id    text NOT NULL,
  operation_id uuid NOT NULL,
  event_no     bigint GENERATED ALWAYS AS IDENTITY,
  from_state   text NOT NULL,
  to_state     text NOT NULL,
  fence        integer NOT NULL,
  reason       text,
  at           timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, operation_id, event_no)
);

CREATE TABLE buduan.audit_event (
  tenant_id text NOT NULL,
  event_no  bigint NOT NULL,
  at        timestamptz NOT NULL DEFAULT now(),
  actor     text NOT NULL,
  action    text NOT NULL,
  object    text NOT NULL,
  detail    jsonb NOT NULL DEFAULT '{}',
  prev_hash bytea NOT NULL,
  hash      bytea NOT NULL,
  PRIMARY KEY (tenant_id, event_no)
);
`;

/**
 * The hub's own connections work as this role whenever their login could bypass row-level security. A login that may not
 * create roles needs none: it owns the tables, and the wall is forced for owners too.
 */
const APP_ROLE = `
DO $$ BEGIN
  CREATE ROLE buduan_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL; END $$;
DO $$ BEGIN
  IF NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN GRANT buduan_app TO CURRENT_USER; END IF;
EXCEPTION WHEN undefined_object OR insufficient_privilege OR invalid_grant_operation THEN NULL; END $$;
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles r WHERE r.rolname = 'buduan_app') THEN
    GRANT USAGE ON SCHEMA buduan TO buduan_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA buduan TO buduan_app;
    REVOKE UPDATE, DELETE ON buduan.audit_event, buduan.operation_event FROM buduan_app;
  END IF;
END $$;
`;

/** The sub-select is evaluated once per statement, the bare function once per row. */
const OWN_ROW = `tenant_id = (SELECT current_setting('buduan.tenant', true))`;

/** The list of tenants is whole outside of any tenant's transaction, and one row inside. */
const TENANT_LIST = `
ALTER TABLE buduan.tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE buduan.tenant FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_wall ON buduan.tenant
  USING (coalesce((SELECT current_setting('buduan.tenant', true)), '') IN ('', tenant_id));`;

function fence(table: string): string {
  return `
ALTER TABLE buduan.${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE buduan.${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_wall ON buduan.${table} USING (${OWN_ROW}) WITH CHECK (${OWN_ROW});`;
}

function fenceAppendOnly(table: string): string {
  return `
ALTER TABLE buduan.${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE buduan.${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON buduan.${table} FOR SELECT USING (${OWN_ROW});
CREATE POLICY tenant_appends ON buduan.${table} FOR INSERT WITH CHECK (${OWN_ROW});`;
}

export class FirstNight1795392000000 implements MigrationInterface {
  readonly name = 'FirstNight1795392000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(APP_ROLE);
    await runner.query(TENANT_LIST);
    for (const table of TENANT_TABLES) await runner.query(fence(table));
    for (const table of APPEND_ONLY_TABLES) await runner.query(fenceAppendOnly(table));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA buduan CASCADE');
  }
}
