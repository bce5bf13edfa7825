/** Which keys stored values rest on, and a refusal of whatever would rest on a key that was closed. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

const KEYS = `
-- Not a tenant's: the keys are the hub's. No key stands here, only what tells two of one name apart.
CREATE TABLE buduan.key_use (
  kind        text NOT NULL CHECK (kind IN ('identity','blind-index')),
  key_id      text NOT NULL,
  -- null = rows of an older program rest on it, and no hub has shown it since.
  check_value bytea,
  -- How envelopes of the key begin.
  header      bytea NOT NULL,
  -- Of the blind index: the one under which new persons are kept.
  is_main     boolean NOT NULL DEFAULT false,
  since       timestamptz NOT NULL DEFAULT now(),
  -- From then on nothing new rests on it …
  closed_at   timestamptz,
  -- … and from then on nothing at all: nobody needs it any more.
  retired_at  timestamptz,
  PRIMARY KEY (kind, key_id),
  CHECK (retired_at IS NULL OR closed_at IS NOT NULL),
  CHECK (NOT is_main OR (kind = 'blind-index' AND closed_at IS NULL))
);
CREATE UNIQUE INDEX key_use_one_main ON buduan.key_use (kind) WHERE is_main;
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles r WHERE r.rolname = 'buduan_app') THEN
    GRANT SELECT ON buduan.key_use TO buduan_app;
  END IF;
END $$;

-- b1 is what a key is called that hub.yaml gives without an id; older programs know no other.
ALTER TABLE buduan.person ADD COLUMN id_number_bidx_key text NOT NULL DEFAULT 'b1';
ALTER TABLE buduan.employee_link ADD COLUMN signed_key text NOT NULL DEFAULT 'b1';

-- Held to the end of the transaction by whoever stores something that rests on a key. Closing a key waits for all of them.
CREATE FUNCTION buduan.hold_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('buduan.key_use', 0));
  RETURN NULL;
END $$;

-- The key under which persons are to be made; null before any was named. Holds it as hold_keys does.
CREATE FUNCTION buduan.main_index_key() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('buduan.key_use', 0));
  RETURN (SELECT k.key_id FROM buduan.key_use k WHERE k.is_main);
END $$;
`;

/** Persons who are there already stand under b1. The wall between tenants is forced for the owner too, so each is asked alone. */
const FORMER_MAIN = `
DO $$ DECLARE t text; BEGIN
  FOR t IN SELECT tenant_id FROM buduan.tenant LOOP
    PERFORM set_config('buduan.tenant', t, true);
    IF EXISTS (SELECT FROM buduan.person p WHERE p.tenant_id = t) THEN
      INSERT INTO buduan.key_use (kind, key_id, header, is_main) VALUES ('blind-index', 'b1', '\\x01026231', true) ON CONFLICT DO NOTHING;
    END IF;
  END LOOP;
  PERFORM set_config('buduan.tenant', '', true);
END $$`;

/** Where values rest on a key: table, and what of a fresh row must not be. */
const RESTING: readonly (readonly [table: string, refused: string])[] = [
  [
    'person',
    `${sealedUnderClosed('id_number_enc')} OR EXISTS (
      SELECT FROM buduan.key_use k JOIN fresh f ON f.id_number_bidx_key <> k.key_id WHERE k.is_main)`,
  ],
  ['quarantined_row', sealedUnderClosed('raw_enc')],
  ['webhook_delivery', sealedUnderClosed('body_enc')],
  [
    'employee_link',
    `EXISTS (SELECT FROM buduan.key_use k JOIN fresh f ON f.signed_key = k.key_id
      WHERE k.kind = 'blind-index' AND k.closed_at IS NOT NULL)`,
  ],
];

/** Starts from the closed keys, of which there are none most of the time: then no row is looked at. */
function sealedUnderClosed(column: string): string {
  return `EXISTS (
      SELECT FROM buduan.key_use k JOIN fresh f ON substring(f.${column} FROM 1 FOR length(k.header)) = k.header
      WHERE k.kind = 'identity' AND k.closed_at IS NOT NULL)`;
}

function guard(table: string, refused: string): string {
  return `
CREATE FUNCTION buduan.refuse_closed_key_of_${table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF ${refused} THEN
    RAISE EXCEPTION 'buduan.${table}: the key of this node was closed by "buduan keys rotate"; restart it with the keys that hub.yaml names now'
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER hold_keys BEFORE INSERT ON buduan.${table} FOR EACH STATEMENT EXECUTE FUNCTION buduan.hold_keys();
CREATE TRIGGER refuse_closed_key AFTER INSERT ON buduan.${table} REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION buduan.refuse_closed_key_of_${table}();`;
}

export class KeyUse1795902000000 implements MigrationInterface {
  readonly name = 'KeyUse1795902000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(KEYS);
    await runner.query(FORMER_MAIN);
    for (const [table, refused] of RESTING) await runner.query(guard(table, refused));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table] of RESTING)
      await runner.query(`
DROP TRIGGER refuse_closed_key ON buduan.${table};
DROP TRIGGER hold_keys ON buduan.${table};
DROP FUNCTION buduan.refuse_closed_key_of_${table}();`);
    await runner.query(`
DROP FUNCTION buduan.main_index_key();
DROP FUNCTION buduan.hold_keys();
ALTER TABLE buduan.employee_link DROP COLUMN signed_key;
ALTER TABLE buduan.person DROP COLUMN id_number_bidx_key;
DROP TABLE buduan.key_use`);
  }
}
