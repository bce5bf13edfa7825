/** Whether one tenant can ever see or write another's rows, and whether written history can be changed. */
import pg from 'pg';
import { openTestDatabase, type TestDatabase } from '../support/test-database.js';

const CONNECTION_COLUMNS = ['tenant_id', 'connection_id', 'connector_id', 'version', 'role'];
const INSERT_CONNECTION = `INSERT INTO buduan.connection (${CONNECTION_COLUMNS.join()}) VALUES ($1, 'hr', 'x', '1', 'payroll')`;

describe('the wall between tenants', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await openTestDatabase();
    for (const tenant of ['north', 'south']) {
      await test.database.acrossTenants((em) =>
        em.query('INSERT INTO buduan.tenant (tenant_id, name) VALUES ($1, $1)', [tenant]),
      );
      await test.database.inTenant(tenant, (em) => em.query(INSERT_CONNECTION, [tenant]));
    }
  });
  afterAll(() => test.close());

  const ask = (tenant: string, sql: string): Promise<Record<string, unknown>[]> =>
    test.database.inTenant(tenant, (em) => em.query(sql));

  it('hides the rows of others from a statement without any condition', async () => {
    expect(await ask('north', 'SELECT tenant_id FROM buduan.connection')).toEqual([{ tenant_id: 'north' }]);
    expect(await ask('south', 'SELECT tenant_id FROM buduan.tenant')).toEqual([{ tenant_id: 'south' }]);
  });

  it('lets a change without any condition touch only the own rows', async () => {
    await ask('north', `UPDATE buduan.connection SET version = '2'`);
    expect(await ask('south', 'SELECT version FROM buduan.connection')).toEqual([{ version: '1' }]);
  });

  it('refuses to write a row of another tenant, also in a bulk statement', async () => {
    await expect(
      ask(
        'north',
        `INSERT INTO buduan.connection (${CONNECTION_COLUMNS.join()}) VALUES ('south', 'b', 'x', '1', 'bureau')`,
      ),
    ).rejects.toThrow('row-level security');
    await expect(
      ask(
        'north',
        `INSERT INTO buduan.connection (${CONNECTION_COLUMNS.join()})
         SELECT tenant_id, 'b', 'x', '1', 'bureau' FROM unnest(ARRAY['north', 'south']) AS row (tenant_id)`,
      ),
    ).rejects.toThrow('row-level security');
  });

  it('forgets the tenant with the transaction', async () => {
    const rows = await test.database.acrossTenants((em) =>
      em.query<{ tenant: string | null; who: boolean }[]>(
        `SELECT nullif(current_setting('buduan.tenant', true), '') AS tenant, current_user = session_user AS who`,
      ),
    );
    expect(rows).toEqual([{ tenant: null, who: true }]);
  });

  it('gives back a usable connection after a failure inside a transaction', async () => {
    for (let round = 0; round < 12; round += 1)
      await expect(ask('north', 'SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
    expect(await ask('north', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('tells of a failed statement without the values of rows', async () => {
    const failure: unknown = await ask(
      'north',
      `INSERT INTO buduan.connection (${CONNECTION_COLUMNS.join()}) VALUES ('north', 'hr', 'secret', '1', 'payroll')`,
    ).catch((error: unknown) => error);
    expect(failure).toMatchObject({ driverError: { code: '23505', constraint: 'connection_pkey', detail: undefined } });
    expect((failure as { detail?: string }).detail).toBeUndefined();
  });

  it('stands around every table that names a tenant, for its owner too', async () => {
    const open = await test.database.acrossTenants((em) =>
      em.query<{ relname: string }[]>(
        `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
          WHERE n.nspname = 'buduan' AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))`,
      ),
    );
    const all = await test.database.acrossTenants((em) =>
      em.query<{ count: number }[]>(`SELECT count(*)::int AS count FROM pg_tables WHERE schemaname = 'buduan'`),
    );
    expect({ open, some: (all[0]?.count ?? 0) > 10 }).toEqual({ open: [], some: true });
  });

  it.each(['audit_event', 'operation_event'])('never changes or removes a row of %s', async (table) => {
    await expect(ask('north', `UPDATE buduan.${table} SET at = now()`)).rejects.toThrow('permission denied');
    await expect(ask('north', `DELETE FROM buduan.${table}`)).rejects.toThrow('permission denied');
    await expect(ask('north', `TRUNCATE buduan.${table}`)).rejects.toThrow('permission denied');
  });

  it('holds for a login that owns the tables and may not create roles', async () => {
    const admin = new pg.Client({ connectionString: test.url });
    await admin.connect();
    try {
      await admin.query(
        `DROP ROLE IF EXISTS plain_owner; CREATE ROLE plain_owner NOLOGIN; ALTER TABLE buduan.audit_event OWNER TO plain_owner; ALTER TABLE buduan.connection OWNER TO plain_owner; GRANT USAGE ON SCHEMA buduan TO plain_owner`,
      );
      await admin.query(`INSERT INTO buduan.audit_event VALUES ('north', 1, now(), 'a', 'b', 'c', '{}', '', '')`);
      await admin.query(`SET ROLE plain_owner; SET buduan.tenant = 'north'`);
      expect((await admin.query('SELECT tenant_id FROM buduan.connection')).rows).toEqual([{ tenant_id: 'north' }]);
      for (const change of [
        `UPDATE buduan.audit_event SET action = 'x'`,
        'DELETE FROM buduan.audit_event',
        'TRUNCATE buduan.audit_event',
      ])
        await expect(admin.query(change)).rejects.toThrow('are written once');
      await admin.query(
        'RESET ROLE; ALTER TABLE buduan.audit_event OWNER TO CURRENT_USER; ALTER TABLE buduan.connection OWNER TO CURRENT_USER; DROP OWNED BY plain_owner; DROP ROLE plain_owner',
      );
    } finally {
      await admin.end();
    }
  });
});
