/** Whether the schema is brought up to date once, by one, and can be taken back. */
import pg from 'pg';
import { admitKeys } from '../../src/platform/crypto/admit-keys.js';
import { IdentityVault } from '../../src/platform/crypto/identity-vault.js';
import { Database } from '../../src/platform/database/database.js';
import { MIGRATIONS } from '../../src/platform/database/migrations/all-migrations.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { silentLog } from '../../src/platform/log/log.js';
import { createEmptyDatabase, dropDatabase } from '../support/test-database.js';

const INSERT_AUDIT_EVENT = `INSERT INTO buduan.audit_event (tenant_id, event_no, actor, action, object, prev_hash, hash)
  VALUES ($1, 1, 'a', 'b', 'c', '\\x01', '\\x02')`;

describe('migrations', () => {
  let empty: Awaited<ReturnType<typeof createEmptyDatabase>>;
  const open: Database[] = [];
  beforeEach(async () => {
    empty = await createEmptyDatabase();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((database) => database.close()));
    await dropDatabase(empty.name);
  });

  async function asAdmin(sql: string): Promise<void> {
    const admin = new pg.Client({ connectionString: empty.url });
    await admin.connect();
    try {
      await admin.query(sql);
    } finally {
      await admin.end();
    }
  }

  async function connect(): Promise<Database> {
    const database = await Database.open({ url: empty.url, poolSize: 1, allowUnsafeFsync: true, log: silentLog() });
    open.push(database);
    return database;
  }

  it('are applied by exactly one of ten nodes that start at once', async () => {
    const nodes = await Promise.all(Array.from({ length: 10 }, connect));
    const outcomes = await Promise.all(nodes.map((node) => node.migrate()));
    const applied = outcomes.map((outcome) => outcome.applied).filter((names) => names.length > 0);
    expect(applied).toEqual([MIGRATIONS.map((migration) => migration.name)]);
  });

  it('go down to nothing and up again', async () => {
    const database = await connect();
    await database.migrate();
    while ((await database.revertNewest()) !== null);
    const left = await database.acrossTenants((em) =>
      em.query<unknown[]>(`SELECT nspname FROM pg_namespace WHERE nspname = 'buduan'`),
    );
    expect(left).toEqual([]);
    expect((await database.migrate()).applied).toHaveLength(MIGRATIONS.length);
    expect((await database.migrate()).applied).toEqual([]);
  });

  // The test server's login is called like the schema "buduan", which then comes first in its search path.
  it('are found again by the next process, also when its login is named like the schema they make', async () => {
    expect((await (await connect()).migrate()).applied).toHaveLength(MIGRATIONS.length);
    expect((await (await connect()).migrate()).applied).toEqual([]);
  });

  it('and the wall between tenants work for a login that owns only its database', async () => {
    const owner = `owner_${empty.name}`;
    await asAdmin(`CREATE ROLE ${owner} LOGIN PASSWORD 'plain'; ALTER DATABASE ${empty.name} OWNER TO ${owner}`);
    const url = new URL(empty.url);
    Object.assign(url, { username: owner, password: 'plain' });
    const database = await Database.open({ url: url.href, poolSize: 2, allowUnsafeFsync: true, log: silentLog() });
    open.push(database);
    expect((await database.migrate()).applied).toHaveLength(MIGRATIONS.length);
    for (const tenant of ['north', 'south']) {
      await database.inTenant(tenant, (em) =>
        em.query('INSERT INTO buduan.tenant (tenant_id, name) VALUES ($1, $1)', [tenant]),
      );
      await database.inTenant(tenant, (em) => em.query(INSERT_AUDIT_EVENT, [tenant]));
    }
    const jobs = new Jobs({ database, url: url.href, log: silentLog() });
    await database.inTenant('north', (em) =>
      jobs.post(em, { fact: 'OperationsDue', tenantId: 'north', connectionId: 'hr' }),
    );
    const seen = await database.inTenant('north', (em) =>
      em.query<unknown[]>('SELECT tenant_id FROM buduan.audit_event'),
    );
    const changing = database.inTenant('north', (em) => em.query(`UPDATE buduan.audit_event SET action = 'x'`));
    await expect(changing).rejects.toThrow('are written once');
    const tenants = await database.acrossTenants((em) =>
      em.query<unknown[]>('SELECT tenant_id FROM buduan.tenant ORDER BY tenant_id'),
    );
    expect({ seen, tenants }).toEqual({
      seen: [{ tenant_id: 'north' }],
      tenants: [{ tenant_id: 'north' }, { tenant_id: 'south' }],
    });
    await database.close();
    await asAdmin(`ALTER DATABASE ${empty.name} OWNER TO CURRENT_USER`);
    await asAdmin(`REASSIGN OWNED BY ${owner} TO CURRENT_USER; DROP OWNED BY ${owner}; DROP ROLE ${owner}`);
  });

  it('know under which key the persons of an older program stand, whoever owns them', async () => {
    const database = await connect();
    await database.migrate();
    while ((await database.revertNewest()) !== 'KeyUse1795902000000');
    await database.inTenant('north', async (em) => {
      await em.query(`INSERT INTO buduan.tenant (tenant_id, name) VALUES ('north', 'n')`);
      await em.query(
        `INSERT INTO buduan.person (tenant_id, person_id, id_type, id_number_enc, id_number_bidx, id_masked)
         VALUES ('north', gen_random_uuid(), 'passport', '\\x00', '\\x01', '*')`,
      );
    });
    await database.migrate();
    const keys = (...ids: readonly string[]): IdentityVault =>
      new IdentityVault({
        current: 'k1',
        identity: new Map([['k1', Buffer.alloc(32, 1)]]),
        blindIndex: { current: ids[0] ?? '', keys: new Map(ids.map((id) => [id, Buffer.alloc(32, 2)])) },
      });
    await expect(admitKeys(database, keys('b2'))).rejects.toThrow('Key b1 of keys.blindIndex is missing');
    await admitKeys(database, keys('b1'));
    await admitKeys(database, keys('b2', 'b1'));
    const uses = await database.acrossTenants((em) =>
      em.query<unknown[]>(
        `SELECT k.kind, k.key_id, k.is_main, k.check_value IS NOT NULL AS shown, k.header = '\\x01026231' AS fits FROM buduan.key_use k ORDER BY 1`,
      ),
    );
    expect(uses).toEqual([
      { kind: 'blind-index', key_id: 'b1', is_main: true, shown: true, fits: true },
      { kind: 'identity', key_id: 'k1', is_main: false, shown: true, fits: false },
    ]);
  });

  it('need only one connection of the pool and leave no setting on it', async () => {
    const database = await connect();
    await database.migrate();
    const rows = await database.acrossTenants((em) =>
      em.query<unknown[]>(
        `SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock`,
      ),
    );
    expect(rows).toEqual([{ statement: '5min', lock: '1min' }]);
  });
});
