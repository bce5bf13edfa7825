/** Back-payment cases: what each would send, who signed it, every move, and the months they hold, which no two live cases share. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OWN_ROW, fenceTenantTable } from './tenant-fence.js';

const TABLES = `
CREATE TABLE buduan.back_payment_case (
  tenant_id      text NOT NULL REFERENCES buduan.tenant,
  case_id        uuid NOT NULL,
  person_id      uuid NOT NULL,
  employment_id  text NOT NULL,
  state          text NOT NULL CHECK (state IN ('detected','proposed','awaiting-employee','confirmed','declined','expired',
                   'awaiting-approval','approved','returned','refused','submitting','submitted','accepted','partially-accepted',
                   'rejected','paid','verified','closed','withdrawn','reopened')),
  -- Raised whenever it is proposed anew; signatures of an earlier round count for nothing.
  round          integer NOT NULL CHECK (round > 0),
  origin         text NOT NULL CHECK (origin IN ('finding','hr','employee')),
  -- What would be sent; null while a figure or every channel is unknown.
  content        jsonb,
  content_hash   bytea,
  -- Without what changes by itself every day.
  inputs_hash    bytea NOT NULL,
  -- Sentences, missing keys, doubtful figures and reasons of the policy's advice.
  advice         jsonb NOT NULL,
  -- Last day to apply; null = no limit known.
  last_day       date,
  respond_by     date,
  proposed_by    text NOT NULL,
  requested_by   text,
  confirmed_by   text,
  confirmed_hash bytea,
  approved_by    text,
  approved_hash  bytea,
  submitted_on   date,
  remote_ref     text,
  -- Why a person must look; null = nobody must.
  attention      text,
  run_id         uuid NOT NULL,
  created_at     timestamptz NOT NULL DEFAULT now(),
  moved_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, case_id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES buduan.person,
  CHECK (content IS NOT NULL = (content_hash IS NOT NULL)),
  -- Nobody is asked about, signs or sends what is not complete.
  CHECK (state IN ('detected','expired','withdrawn','reopened') OR content_hash IS NOT NULL),
  CHECK (state NOT IN ('confirmed','awaiting-approval','approved','submitting','submitted','accepted','partially-accepted','paid','verified','closed')
         OR confirmed_hash IS NOT DISTINCT FROM content_hash),
  CHECK (state NOT IN ('approved','submitting','submitted','accepted','partially-accepted','paid','verified','closed')
         OR approved_hash IS NOT DISTINCT FROM content_hash),
  -- Maker and checker are two people.
  CHECK (approved_by IS NULL OR (approved_by <> proposed_by AND approved_by IS DISTINCT FROM requested_by
         AND approved_by IS DISTINCT FROM confirmed_by))
);
CREATE INDEX back_payment_case_days ON buduan.back_payment_case (tenant_id, state, last_day, case_id);
CREATE INDEX back_payment_case_person ON buduan.back_payment_case (tenant_id, person_id);

CREATE TABLE buduan.case_line (
  tenant_id    text NOT NULL,
  case_id      uuid NOT NULL,
  insurance    text NOT NULL,
  month        text NOT NULL CHECK (month ~ '^[0-9]{4}-[0-9]{2}$'),
  person_id    uuid NOT NULL,
  -- Fen; null while unknown.
  base_fen     bigint,
  employee_fen bigint,
  employer_fen bigint,
  late_fee_fen bigint,
  state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open','accepted','rejected','paid','verified')),
  -- Whether the month is taken; follows the states of case and line.
  live         boolean NOT NULL,
  PRIMARY KEY (tenant_id, case_id, insurance, month),
  FOREIGN KEY (tenant_id, case_id) REFERENCES buduan.back_payment_case ON DELETE CASCADE
);
-- Two cases can never pay the same month of the same insurance of one person.
CREATE UNIQUE INDEX case_line_taken ON buduan.case_line (tenant_id, person_id, insurance, month) WHERE live;

CREATE TABLE buduan.case_event (
  tenant_id  text NOT NULL,
  case_id    uuid NOT NULL,
  event_no   bigint GENERATED ALWAYS AS IDENTITY,
  round      integer NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('moved','reminder','escalated','line','note')),
  from_state text,
  to_state   text,
  actor      text NOT NULL,
  reason     text,
  detail     jsonb NOT NULL DEFAULT '{}',
  on_day     date NOT NULL,
  at         timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, case_id, event_no)
);

CREATE TABLE buduan.case_confirmation (
  tenant_id text NOT NULL,
  case_id   uuid NOT NULL,
  event_no  bigint GENERATED ALWAYS AS IDENTITY,
  round     integer NOT NULL,
  answer    text NOT NULL CHECK (answer IN ('confirmed','declined')),
  hash      bytea NOT NULL,
  actor     text NOT NULL,
  -- How it was given: way, hash of the text shown, address.
  evidence  jsonb NOT NULL,
  at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, case_id, event_no)
);

CREATE TABLE buduan.case_approval (
  tenant_id text NOT NULL,
  case_id   uuid NOT NULL,
  event_no  bigint GENERATED ALWAYS AS IDENTITY,
  round     integer NOT NULL,
  decision  text NOT NULL CHECK (decision IN ('approved','returned','refused')),
  hash      bytea NOT NULL,
  actor     text NOT NULL,
  reason    text,
  at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, case_id, event_no)
);

-- The operations of a case.
CREATE INDEX operation_of_case ON buduan.operation (tenant_id, (desired->>'caseId')) WHERE kind = 'back-payment';
`;

const CHANGING = ['back_payment_case', 'case_line'];
/** Rows of these are written once. */
const APPEND_ONLY = ['case_event', 'case_confirmation', 'case_approval'];

async function fenceAppendOnly(runner: QueryRunner, table: string): Promise<void> {
  await runner.query(`
ALTER TABLE buduan.${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE buduan.${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON buduan.${table} FOR SELECT USING (${OWN_ROW});
CREATE POLICY tenant_appends ON buduan.${table} FOR INSERT WITH CHECK (${OWN_ROW});
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles r WHERE r.rolname = 'buduan_app') THEN
    GRANT SELECT, INSERT ON buduan.${table} TO buduan_app;
  END IF;
END $$;`);
}

export class BackPayments1795662000000 implements MigrationInterface {
  readonly name = 'BackPayments1795662000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of CHANGING) await fenceTenantTable(runner, table);
    for (const table of APPEND_ONLY) await fenceAppendOnly(runner, table);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX buduan.operation_of_case');
    for (const table of [...APPEND_ONLY, ...[...CHANGING].reverse()]) await runner.query(`DROP TABLE buduan.${table}`);
  }
}
