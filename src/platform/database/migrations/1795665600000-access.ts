/** Keys of the API; and written history that not even the owner of its table can change. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { fenceTenantTable } from './tenant-fence.js';

const KEYS = `
CREATE TABLE buduan.api_key (
  tenant_id    text NOT NULL REFERENCES buduan.tenant,
  key_id       text NOT NULL CHECK (key_id ~ '^[0-9a-f]{16}$'),
  -- Whose it is; what this key does is done in this name.
  name         text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
  scopes       text[] NOT NULL CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['hr','checker','it','auditor']),
  -- SHA-256 of 256 random bits; the key itself is kept by nobody.
  secret_hash  bytea NOT NULL CHECK (length(secret_hash) = 32),
  created_by   text NOT NULL,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL CHECK (expires_at > created_at),
  revoked_at   timestamptz,
  revoked_by   text,
  last_used_at timestamptz,
  PRIMARY KEY (tenant_id, key_id),
  CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX api_key_age ON buduan.api_key (tenant_id, created_at DESC, key_id);
`;

/*
 * Policies and grants already keep the hub's role from changing these rows, but say nothing about TRUNCATE, and nothing to an
 * owner who is not fenced. A statement, not a row, is refused, so that one that would change nothing is told as well.
 */
const FROZEN = `
CREATE FUNCTION buduan.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of %.% are written once: % is refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;
`;

const APPEND_ONLY_TABLES = ['audit_event', 'operation_event'];

export class Access1795665600000 implements MigrationInterface {
  readonly name = 'Access1795665600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(KEYS);
    await fenceTenantTable(runner, 'api_key');
    await runner.query(FROZEN);
    for (const table of APPEND_ONLY_TABLES)
      await runner.query(`
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON buduan.${table}
  FOR EACH STATEMENT EXECUTE FUNCTION buduan.refuse_change();
ALTER TABLE buduan.${table} ENABLE ALWAYS TRIGGER written_once;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of APPEND_ONLY_TABLES) await runner.query(`DROP TRIGGER written_once ON buduan.${table}`);
    await runner.query('DROP FUNCTION buduan.refuse_change()');
    await runner.query('DROP TABLE buduan.api_key');
  }
}
