/** Whether one tenant can ever see or write another's rows. */
import { openTestDatabase, type TestDatabase } from '../support/test-database.js';

describe('the wall between tenants', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await openTestDatabase();
    for (const tenant of ['north', 'south']) {
      await test.database.acrossTenants((em) => em.query('INSERT INTO buduan.tenant (tenant_id, name) VALUES ($1, $1)', [tenant]));
      await test.database.inTenant(tenant, (em) =>
        em.query(`INSERT INTO buduan.connection (tenant_id, connection_id, connector_id, version, role) VALUES ($1, 'hr', 'x', '1', 'payroll')`, [tenant]),
      );
    }
  });
  afterAll(() => test.close());

  it('hides the rows of others from a statement without any condition', async () => {
    const rows = await test.database.inTenant('north', (em) => em.query<{ tenant_id: string }[]>('SELECT tenant_id FROM buduan.connection'));
    expect(rows).toEqual([{ tenant_id: 'north' }]);
  });
});
